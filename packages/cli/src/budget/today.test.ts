import type { BudgetState, Report } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { fakeSession, fakeWorld, frozenMs } from '../testing.js';
import { gaugeName, levelOf } from './gauge.js';
import { hourlyCosts, paceNanoUsd } from './hours.js';
import { reportRow } from './testing/report-fixture.js';
import { todayOf } from './today.js';
import { todayJson } from './today-json.js';
import { todayText } from './today-text.js';
import { todayTsv } from './today-tsv.js';

const timezone = 'Asia/Shanghai';
const startMs = Date.parse('2026-11-21T16:00:00Z');

function budget(given: Partial<BudgetState> & { limit: number; spent: number; held?: number }): BudgetState {
  const { limit, spent, held = 0, ...rest } = given;
  const nano = (usd: number) => Math.round(usd * 1e9);
  return {
    id: 'day',
    scope: 'all',
    window: 'day',
    timezone,
    mode: 'best_effort',
    shadow: false,
    limitUsd: limit,
    spentUsd: spent,
    heldUsd: held,
    remainingUsd: limit - spent - held,
    limitNanoUsd: nano(limit),
    spentNanoUsd: nano(spent),
    heldNanoUsd: nano(held),
    remainingNanoUsd: nano(limit) - nano(spent) - nano(held),
    resetsAt: '2026-11-22T16:00:00.000Z',
    origin: 'vibe.config.yaml:7',
    ...rest,
  };
}

const hour = (index: number, costUsd: number) =>
  reportRow(new Date(startMs + index * 3_600_000).toISOString(), costUsd);

const hours: Report = {
  sinceMs: startMs,
  untilMs: frozenMs,
  timezone,
  by: 'hour',
  rows: [
    hour(6, 0.1),
    hour(7, 0.1),
    hour(8, 0.21),
    hour(9, 0.4),
    hour(10, 0.6),
    hour(13, 0.4),
    hour(16, 0.7),
    hour(17, 0.6),
    hour(18, 0.3027),
  ],
  totals: reportRow('total', 3.4127, {
    calls: 412,
    attempts: 420,
    ok: 396,
    failed: 9,
    cancelled: 5,
    blocked: 2,
    usageUnknown: 2,
    quantities: {
      input_token: 750_000,
      cached_input_token: 460_000,
      output_token: 200_000,
      reasoning_token: 40_000,
      image: 14,
      audio_second: 372,
    },
  }),
};

const budgets = [
  budget({ limit: 5, spent: 3.2, held: 0.18 }),
  budget({ id: 'user', limit: 20, spent: 6.9031, held: 0.18 }),
  budget({ id: 'month', window: 'month', limit: 200, spent: 176.22, held: 0.18 }),
  budget({ id: 'day model=qwen-max', scope: 'model=qwen-max', limit: 1, spent: 1 }),
  budget({ id: 'run tag.run=*', scope: 'tag.run=通义', window: 'run', limit: 0.5, spent: 0.49, resetsAt: null }),
  budget({ id: 'call', window: 'call', limit: 0.1, spent: 0, resetsAt: null }),
  budget({ id: 'trial', limit: 1, spent: 1.2, shadow: true }),
];

const now = todayOf(frozenMs, budgets, hours);

function textAt(columns: number, env: Record<string, string> = { NO_COLOR: '1' }): string {
  return `\n${todayText(fakeSession({}, fakeWorld({ columns, env })), now)}`;
}

describe('llm budget today', () => {
  it('reads like this on 120 columns', () => {
    expect(textAt(120)).toMatchInlineSnapshot(`
      "
      Budget today · Sun 22 Nov 2026 · Asia/Shanghai · resets in 5 h 07 m

        SCOPE                 USED █  HELD ▒        SPENT     HELD     LIMIT  USED  STATE
        ───────────────────────────────────────────────────────────────────────────────────────
        day                   ███████████▒░░░░░░  $3.2000  $0.1800   $5.0000   68%  ok
        user                  █████▒░░░░░░░░░░░░  $6.9031  $0.1800  $20.0000   35%  ok
        month                 ███████████████▒░░  $176.22  $0.1800   $200.00   88%  warn >70%
        day · model qwen-max  ██████████████████  $1.0000        –   $1.0000  100%  blocked
        run · run 通义        █████████████████░  $0.4900        –   $0.5000   98%  warn >90%
        call                  –                         –        –   $0.1000     –  –
        trial                 ██████████████████  $1.2000        –   $1.0000  120%  shadow over

      Calls    412 (420 attempts)   ok 396 · failed 9 (2.2%) · cancelled 5 · blocked 2
      Usage    1.21M in (38% cached) · 240k out · 14 images · 6 m 12 s audio
      Quality  2 with usage unknown (their cost is estimated)
      Hourly   ······▂▂▃▅▇··▅··█▇▄·····   00:00 → 00:00
      Pace     ~$6.2568 by 00:00 (like the last 3 h; limit $5.0000)

      Next: llm budget top --by model · llm budget report --days 7
      "
    `);
  });

  it('keeps every number on 80 columns', () => {
    expect(textAt(80)).toMatchInlineSnapshot(`
      "
      Budget today · Sun 22 Nov 2026 · Asia/Shanghai · resets in 5 h 07 m

        SCOPE                 USED/HELD    SPENT     HELD     LIMIT  USED  STATE
        ──────────────────────────────────────────────────────────────────────────────
        day                   █████▒░░░  $3.2000  $0.1800   $5.0000   68%  ok
        user                  ██▒░░░░░░  $6.9031  $0.1800  $20.0000   35%  ok
        month                 ███████▒░  $176.22  $0.1800   $200.00   88%  warn >70%
        day · model qwen-max  █████████  $1.0000        –   $1.0000  100%  blocked
        run · run 通义        ████████░  $0.4900        –   $0.5000   98%  warn >90%
        call                  –                –        –   $0.1000     –  –
        trial                 █████████  $1.2000        –   $1.0000  120%  shadow over

      Calls    412 (420 attempts)   ok 396 · failed 9 (2.2%) · cancelled 5 · blocked 2
      Usage    1.21M in (38% cached) · 240k out · 14 images · 6 m 12 s audio
      Quality  2 with usage unknown (their cost is estimated)
      Hourly   ······▂▂▃▅▇··▅··█▇▄·····   00:00 → 00:00
      Pace     ~$6.2568 by 00:00 (like the last 3 h; limit $5.0000)

      Next: llm budget top --by model · llm budget report --days 7
      "
    `);
  });

  it('leaves out bars and holds on 60 columns', () => {
    expect(textAt(60)).toMatchInlineSnapshot(`
      "
      Budget today · Sun 22 Nov 2026 · Asia/Shanghai · resets in 5
      h 07 m

        SCOPE                   SPENT     LIMIT  USED  STATE
        ──────────────────────────────────────────────────────────
        day                   $3.2000   $5.0000   68%  ok
        user                  $6.9031  $20.0000   35%  ok
        month                 $176.22   $200.00   88%  warn >70%
        day · model qwen-max  $1.0000   $1.0000  100%  blocked
        run · run 通义        $0.4900   $0.5000   98%  warn >90%
        call                        –   $0.1000     –  –
        trial                 $1.2000   $1.0000  120%  shadow over

      Calls    412 (420 attempts)   ok 396 · failed 9 (2.2%) ·
               cancelled 5 · blocked 2
      Usage    1.21M in (38% cached) · 240k out · 14 images · 6 m
               12 s audio
      Quality  2 with usage unknown (their cost is estimated)
      Hourly   ······▂▂▃▅▇··▅··█▇▄·····   00:00 → 00:00
      Pace     ~$6.2568 by 00:00 (like the last 3 h; limit
               $5.0000)

      Next: llm budget top --by model · llm budget report --days 7
      "
    `);
  });

  it('needs no more than ASCII and no colours', () => {
    expect(textAt(80, { TERM: 'dumb' }).split('\n').slice(0, 6).join('\n')).toMatchInlineSnapshot(`
      "
      Budget today · Sun 22 Nov 2026 · Asia/Shanghai · resets in 5 h 07 m

        SCOPE                 USED/HELD    SPENT     HELD     LIMIT  USED  STATE
        ------------------------------------------------------------------------------
        day                   #####=...  $3.2000  $0.1800   $5.0000   68%  ok"
    `);
  });

  it('colours by level, and only then', () => {
    const text = todayText(fakeSession({ color: true }), now);
    expect(text).toContain('\u001b[31mblocked');
    expect(text).toContain('\u001b[32mok');
    expect(text).toContain('\u001b[33mwarn >70%');
    expect(textAt(80)).not.toContain('\u001b');
  });

  it('shows the spending without a gauge where no budget is set', () => {
    const text = todayText(fakeSession(), todayOf(frozenMs, [], hours));
    expect(text).toMatchInlineSnapshot(`
      "Budget today · Sun 22 Nov 2026 · Asia/Shanghai · resets in 5 h 07 m · spent
      $3.4127

      Calls    412 (420 attempts)   ok 396 · failed 9 (2.2%) · cancelled 5 · blocked 2
      Usage    1.21M in (38% cached) · 240k out · 14 images · 6 m 12 s audio
      Quality  2 with usage unknown (their cost is estimated)
      Hourly   ······▂▂▃▅▇··▅··█▇▄·····   00:00 → 00:00

      Next: llm budget top --by model · llm budget report --days 7
      "
    `);
  });

  it('names budgets that nobody named by window and scope', () => {
    expect(budgets.map(gaugeName)).toEqual([
      'day',
      'user',
      'month',
      'day · model qwen-max',
      'run · run 通义',
      'call',
      'trial',
    ]);
  });

  it.each([
    [0, 1, false, 'ok'],
    [0.7, 1, false, 'warn'],
    [0.9, 1, false, 'high'],
    [1, 1, false, 'blocked'],
    [0, 0, false, 'blocked'],
    [2, 1, true, 'over'],
  ] as const)('takes %d of %d (shadow %s) for %s', (spent, limit, shadow, level) => {
    expect(levelOf(budget({ spent, limit, shadow }))).toBe(level);
  });
});

describe('the hours of a day', () => {
  it('are 24, or 23 and 25 when the clocks change', () => {
    const dayOf = (at: string, zone: string) => {
      const rows = [reportRow(new Date(Date.parse(at) - 3_600_000).toISOString(), 1)];
      return todayOf(Date.parse(at), [], { ...hours, timezone: zone, rows, totals: reportRow('total', 1) });
    };
    expect(hourlyCosts(now)).toHaveLength(24);
    expect(hourlyCosts(dayOf('2026-03-29T12:00:00Z', 'Europe/Berlin'))).toHaveLength(23);
    const autumn = hourlyCosts(dayOf('2026-10-25T12:00:00Z', 'Europe/Berlin'));
    expect(autumn).toHaveLength(25);
    // Midnight is 22:00 UTC, so 11:00 UTC is in the 14th hour of that day.
    expect(autumn.indexOf(1e9)).toBe(13);
    expect(hourlyCosts(dayOf('2026-11-22T06:29:00Z', 'Asia/Kolkata')).slice(10, 13)).toEqual([1e9, 0, null]);
  });

  it('tell where the day is going, and nothing when nothing was spent lately', () => {
    // 1.6027 USD in the 2 h 53 m since 16:00, and 5 h 07 m to go.
    expect(paceNanoUsd(now)).toBe(Math.round(3.4127e9 + (1.6027e9 / (173 * 60_000)) * (307 * 60_000)));
    expect(paceNanoUsd(todayOf(frozenMs, [], { ...hours, rows: [hour(6, 1)] }))).toBeNull();
    expect(paceNanoUsd(todayOf(startMs, [], { ...hours, rows: [] }))).toBeNull();
  });
});

describe('for programs', () => {
  it('is a line per budget and one for all calls', () => {
    const lines = todayTsv(now).trimEnd().split('\n');
    expect(lines[0]).toBe('scope\twindow\ttimezone\tspent_usd\theld_usd\tlimit_usd\tremaining_usd\tstate\tresets_at');
    expect(lines[1]).toBe('day\tday\tAsia/Shanghai\t3.2\t0.18\t5\t1.62\tok\t2026-11-22T16:00:00.000Z');
    expect(lines.at(-1)).toBe('(all calls)\tday\tAsia/Shanghai\t3.4127\t\t\t\t\t2026-11-22T16:00:00.000Z');
    expect(lines).toHaveLength(9);
  });

  it('is one JSON envelope with exact money', () => {
    const json = JSON.parse(todayJson(now)) as Record<string, unknown> & { rows: unknown[]; hours: unknown[] };
    expect(json).toMatchObject({
      schema: 'vibe.budget_today/1',
      generated_at: '2026-11-22T10:53:00.000Z',
      timezone,
      query: { since: '2026-11-21T16:00:00.000Z', until: '2026-11-22T16:00:00.000Z' },
      totals: { calls: 412, cost_usd: '3.4127', cost_nano_usd: 3_412_700_000, ttft_p50_ms: null },
      warnings: [],
    });
    expect(json.rows[0]).toMatchObject({
      id: 'day',
      spent_usd: '3.2',
      limit_nano_usd: 5_000_000_000,
      state: 'ok',
      origin: 'vibe.config.yaml:7',
    });
    expect(json.hours).toHaveLength(9);
  });
});
