import type { EndpointHealth } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { fakeSession, fakeWorld, frozenMs } from '../testing.js';
import { breakersOf } from './breakers.js';
import { rank } from './ranking.js';
import { reportJson, reportSheet, unitCosts } from './report-data.js';
import { filled, labelsOf } from './report-labels.js';
import { reportText } from './report-text.js';
import { byModel, midnightMs, reportRow, weekOfSpending } from './testing/report-fixture.js';
import { topText } from './top-text.js';

const at = (columns: number, env: Record<string, string> = { NO_COLOR: '1' }) =>
  fakeSession({}, fakeWorld({ columns, env }));
const week = (columns: number) => `\n${reportText(at(columns), weekOfSpending(), false)}`;

describe('llm budget report', () => {
  it('reads like this on 120 columns', () => {
    expect(week(120)).toMatchInlineSnapshot(`
      "
      Spend · 16–22 Nov 2026 · Asia/Shanghai

        DAY            COST                    CALLS  FAIL     IN    OUT  CACHED  OTHER                        P50    P95
        ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        Mon 16      $2.9012  █                   301  1.3%   900k   180k     31%  8 images                    0.8s   2.5s
        Tue 17      $3.3320  █                   350  1.1%  1.10M   210k     35%  –                           0.8s   2.4s
        Wed 18      $0.0000                        0     –      –      –       –  –                              –      –
        Thu 19     ~$4.9988  █                   611  3.1%     2M   390k     22%  31 images                   1.2s   3.8s
        Fri 20    $1,204.22  ████████████████    455  1.8%  1.40M   260k      0%  3 m 00 s audio              0.9s  12.9s
        Sat 21    $0.000021  █                     1  0.0%     12      9      0%  –                           0.6s   0.6s
        Sun 22*    ~$3.4127  █                   412  2.2%  1.20M   240k     38%  –                           0.8s   2.6s
        ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        Total    ~$1,218.87                    2,130  2.1%  6.60M  1.28M     24%  39 images · 3 m 00 s audio  0.9s   2.9s

        * this day is not over.
        ~ 2 attempts with unknown usage: the cost is an estimate.
        ~ 1 attempt of unknown cost: that money is in no sum.
        vs the 7 days before: +22% cost, +7% calls.
        Dearest: Fri 20 ($1,204.22).
        Trend  ▁▁·▁█▁▁

      Export: llm budget report --csv > spend.csv   (also --json)
      "
    `);
  });

  it('leaves out columns on 80', () => {
    expect(week(80)).toMatchInlineSnapshot(`
      "
      Spend · 16–22 Nov 2026 · Asia/Shanghai

        DAY            COST                    CALLS  FAIL     IN  CACHED    P95
        ────────────────────────────────────────────────────────────────────────
        Mon 16      $2.9012  █                   301  1.3%   900k     31%   2.5s
        Tue 17      $3.3320  █                   350  1.1%  1.10M     35%   2.4s
        Wed 18      $0.0000                        0     –      –       –      –
        Thu 19     ~$4.9988  █                   611  3.1%     2M     22%   3.8s
        Fri 20    $1,204.22  ████████████████    455  1.8%  1.40M      0%  12.9s
        Sat 21    $0.000021  █                     1  0.0%     12      0%   0.6s
        Sun 22*    ~$3.4127  █                   412  2.2%  1.20M     38%   2.6s
        ────────────────────────────────────────────────────────────────────────
        Total    ~$1,218.87                    2,130  2.1%  6.60M     24%   2.9s

        * this day is not over.
        ~ 2 attempts with unknown usage: the cost is an estimate.
        ~ 1 attempt of unknown cost: that money is in no sum.
        vs the 7 days before: +22% cost, +7% calls.
        Dearest: Fri 20 ($1,204.22).
        Trend  ▁▁·▁█▁▁

      Export: llm budget report --csv > spend.csv   (also --json)
      "
    `);
  });

  it('keeps cost and calls on 60', () => {
    expect(week(60)).toMatchInlineSnapshot(`
      "
      Spend · 16–22 Nov 2026 · Asia/Shanghai

        DAY            COST                    CALLS  FAIL    P95
        ─────────────────────────────────────────────────────────
        Mon 16      $2.9012  █                   301  1.3%   2.5s
        Tue 17      $3.3320  █                   350  1.1%   2.4s
        Wed 18      $0.0000                        0     –      –
        Thu 19     ~$4.9988  █                   611  3.1%   3.8s
        Fri 20    $1,204.22  ████████████████    455  1.8%  12.9s
        Sat 21    $0.000021  █                     1  0.0%   0.6s
        Sun 22*    ~$3.4127  █                   412  2.2%   2.6s
        ─────────────────────────────────────────────────────────
        Total    ~$1,218.87                    2,130  2.1%   2.9s

        * this day is not over.
        ~ 2 attempts with unknown usage: the cost is an estimate.
        ~ 1 attempt of unknown cost: that money is in no sum.
        vs the 7 days before: +22% cost, +7% calls.
        Dearest: Fri 20 ($1,204.22).
        Trend  ▁▁·▁█▁▁

      Export: llm budget report --csv > spend.csv   (also --json)
      "
    `);
  });

  it('has a short form', () => {
    expect(`\n${reportText(at(120), weekOfSpending(), true)}`).toMatchInlineSnapshot(`
      "
      Spend · 16–22 Nov 2026 · Asia/Shanghai

        DAY            COST                    CALLS  FAIL
        ──────────────────────────────────────────────────
        Mon 16      $2.9012  █                   301  1.3%
        Tue 17      $3.3320  █                   350  1.1%
        Wed 18      $0.0000                        0     –
        Thu 19     ~$4.9988  █                   611  3.1%
        Fri 20    $1,204.22  ████████████████    455  1.8%
        Sat 21    $0.000021  █                     1  0.0%
        Sun 22*    ~$3.4127  █                   412  2.2%
        ──────────────────────────────────────────────────
        Total    ~$1,218.87                    2,130  2.1%

        * this day is not over.
        ~ 2 attempts with unknown usage: the cost is an estimate.
        ~ 1 attempt of unknown cost: that money is in no sum.
        vs the 7 days before: +22% cost, +7% calls.
        Dearest: Fri 20 ($1,204.22).
        Trend  ▁▁·▁█▁▁

      Export: llm budget report --csv > spend.csv   (also --json)
      "
    `);
  });

  it('splits lines by unit', () => {
    const spending = weekOfSpending({ by: 'model', report: byModel, breakdown: true });
    expect(`\n${reportText(at(80), spending, false)}`).toMatchInlineSnapshot(`
      "
      Spend · 16–22 Nov 2026 · Asia/Shanghai

        MODEL                              COST                    CALLS   FAIL    P95
        ──────────────────────────────────────────────────────────────────────────────
        qwen-plus                       $9.8120  ████████████████  1,204   0.9%   2.4s
        └ output_token 900k             $5.8120
        └ input_token 4.20M             $4.0000
        └ cached_input_token 900k       $0.0000
        通义万相-文生图                 $6.1033  ██████████           56   1.8%  11.0s
        └ image 55                      $6.1033
        gemini-2.5-fla…ialog-2026-11   ~$3.7410  ██████              130  23.1%   7.3s
        └ audio_second 41 m 10 s        $3.0000
        └ output_token 100k             $0.7000
        └ (none)                        $0.0410
        └ input_token 400k              $0.0000
        [31mred                        ~$0.0000                        1   0.0%   0.1s
        ──────────────────────────────────────────────────────────────────────────────
        Total                         ~$19.6563                    1,391   3.0%   2.9s

        tokens $10.5120 · images $6.1033 · audio $3.0000 · other $0.0410
        ~ 3 attempts with unknown usage: the cost is an estimate.
        ~ 1 attempt of unknown cost: that money is in no sum.
        vs the 7 days before: -98% cost, -30% calls.

      Export: llm budget report --csv > spend.csv   (also --json)
      "
    `);
  });

  it('needs no more than ASCII', () => {
    const text = reportText(
      at(80, { LC_ALL: 'C', NO_COLOR: '1' }),
      weekOfSpending({ by: 'model', report: byModel, breakdown: true }),
      false,
    );
    const bars = text
      .split('\n')
      .slice(2, -8)
      .join('\n')
      .replaceAll('通义万相-文生图', '')
      .replaceAll('–', '')
      .replaceAll('…', '');
    expect(bars).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('never cuts a number, however narrow the terminal is', () => {
    expect(week(20)).toContain('~$1,218.87');
  });
});

describe('llm budget top', () => {
  const ranking = (metric: 'cost' | 'fail' | 'latency', limit = 10) =>
    rank(byModel, { by: 'model', metric, limit, period: byModel, nowMs: frozenMs });
  const top = (columns: number, metric: 'cost' | 'fail' | 'latency' = 'cost') =>
    `\n${topText(at(columns), ranking(metric))}`;

  it('reads like this on 120 columns', () => {
    expect(top(120)).toMatchInlineSnapshot(`
      "
      Top models by cost · 16–22 Nov 2026 · Asia/Shanghai · total $19.6563

        #  MODEL                             COST  SHARE             CALLS   $/CALL   FAIL   P50    P95
        ───────────────────────────────────────────────────────────────────────────────────────────────
        1  qwen-plus                      $9.8120    50%  █████████  1,204  $0.0081   0.9%  0.8s   2.4s
        2  通义万相-文生图                $6.1033    31%  ██████        56  $0.1090   1.8%  6.1s  11.0s
        3  gemini-2.5-fla…ialog-2026-11  ~$3.7410    19%  ███          130  $0.0288  23.1%  1.9s   7.3s
        4  [31mred                       ~$0.0000     0%                 1  $0.0000   0.0%  0.1s   0.1s

      Hint: gemini-2.5-flash-preview-native-audio-dialog-2026-11 fails 23.1%. Why: llm budget top --by error · llm logs
      --status failed
      "
    `);
  });

  it('leaves out columns and shortens names on 80', () => {
    expect(top(80)).toMatchInlineSnapshot(`
      "
      Top models by cost · 16–22 Nov 2026 · Asia/Shanghai · total $19.6563

        #  MODEL                             COST  SHARE             CALLS   FAIL
        ─────────────────────────────────────────────────────────────────────────
        1  qwen-plus                      $9.8120    50%  █████████  1,204   0.9%
        2  通义万相-文生图                $6.1033    31%  ██████        56   1.8%
        3  gemini-2.5-fla…ialog-2026-11  ~$3.7410    19%  ███          130  23.1%
        4  [31mred                       ~$0.0000     0%                 1   0.0%

      Hint: gemini-2.5-flash-preview-native-audio-dialog-2026-11 fails 23.1%. Why: llm
      budget top --by error · llm logs --status failed
      "
    `);
  });

  it('keeps rank, name and cost on 60', () => {
    expect(top(60)).toMatchInlineSnapshot(`
      "
      Top models by cost · 16–22 Nov 2026 · Asia/Shanghai · total
      $19.6563

        #  MODEL                             COST  CALLS
        ────────────────────────────────────────────────
        1  qwen-plus                      $9.8120  1,204
        2  通义万相-文生图                $6.1033     56
        3  gemini-2.5-fla…ialog-2026-11  ~$3.7410    130
        4  [31mred                       ~$0.0000      1

      Hint: gemini-2.5-flash-preview-native-audio-dialog-2026-11
      fails 23.1%. Why: llm budget top --by error · llm logs
      --status failed
      "
    `);
  });

  it('ranks by failures', () => {
    expect(top(80, 'fail')).toMatchInlineSnapshot(`
      "
      Top models by failed attempts · 16–22 Nov 2026 · Asia/Shanghai · total 42

        #  MODEL                             COST             CALLS  FAILED   FAIL
        ──────────────────────────────────────────────────────────────────────────
        1  gemini-2.5-fla…ialog-2026-11  ~$3.7410  █████████    130      30  23.1%
        2  qwen-plus                      $9.8120  ███        1,204      11   0.9%
        3  通义万相-文生图                $6.1033  █             56       1   1.8%
        4  [31mred                       ~$0.0000                 1       0   0.0%

      Hint: gemini-2.5-flash-preview-native-audio-dialog-2026-11 fails 23.1%. Why: llm
      budget top --by error · llm logs --status failed
      "
    `);
  });

  it('ranks by latency, and says how many lines are left out', () => {
    expect(`\n${topText(at(80), ranking('latency', 2))}`).toMatchInlineSnapshot(`
      "
      Top models by latency (95th percentile) · 16–22 Nov 2026 · Asia/Shanghai · total
      2.9s

        #  MODEL                             COST             CALLS   FAIL    P95
        ─────────────────────────────────────────────────────────────────────────
        1  通义万相-文生图                $6.1033  █████████     56   1.8%  11.0s
        2  gemini-2.5-fla…ialog-2026-11  ~$3.7410  ██████       130  23.1%   7.3s

        2 more: llm budget top --by model --limit 4
      Hint: gemini-2.5-flash-preview-native-audio-dialog-2026-11 fails 23.1%. Why: llm
      budget top --by error · llm logs --status failed
      "
    `);
  });

  it('of endpoints says which a breaker keeps calls away from', () => {
    const health = (key: string, state: EndpointHealth['state'], untilMs: number | null): EndpointHealth => {
      return { key, state, untilMs, latencyMs: null, updatedAtMs: frozenMs };
    };
    const known = [
      health('qwen-plus @ qwen/cn', 'closed', null),
      health('qwen-max @ qwen/cn', 'half_open', frozenMs + 1_000),
      health('qwen-max @ qwen:team/sg', 'open', frozenMs + 1_000),
      health('gemini-3-pro @ gemini/global', 'open', frozenMs - 1),
      health('qwen/us', 'unreachable', frozenMs + 1_000),
      health('qwen/hk', 'unreachable', frozenMs - 1),
    ];
    const names = ['qwen/cn', 'qwen/sg', 'gemini/global', 'qwen/us', 'qwen/hk', '(none)'];
    const rows = names.map((name, index) => reportRow(name, 6 - index, { calls: 1, ok: 1, attempts: 1 }));
    const ranked = (by: 'endpoint' | 'provider') =>
      rank(
        { ...byModel, by, rows },
        { by, metric: 'cost', limit: 9, period: byModel, nowMs: frozenMs, breakers: breakersOf(known, by, frozenMs) },
      );
    expect(`\n${topText(at(120), ranked('endpoint'))}`).toMatchInlineSnapshot(`
      "
      Top endpoints by cost · 16–22 Nov 2026 · Asia/Shanghai · total $19.6563

        #  ENDPOINT          COST  SHARE             CALLS   $/CALL  UNITS         FAIL  BREAKER      P50  P95
        ──────────────────────────────────────────────────────────────────────────────────────────────────────
        1  qwen/cn        $6.0000    31%  █████████      1  $6.0000  0 in · 0 out  0.0%  half-open      –    –
        2  qwen/sg        $5.0000    25%  ████████       1  $5.0000  0 in · 0 out  0.0%  open           –    –
        3  gemini/global  $4.0000    20%  ██████         1  $4.0000  0 in · 0 out  0.0%  half-open      –    –
        4  qwen/us        $3.0000    15%  █████          1  $3.0000  0 in · 0 out  0.0%  unreachable    –    –
        5  qwen/hk        $2.0000    10%  ███            1  $2.0000  0 in · 0 out  0.0%  closed         –    –
        6  (none)         $1.0000     5%  ██             1  $1.0000  0 in · 0 out  0.0%  –              –    –
      "
    `);
    expect([...(ranked('provider').breakers ?? [])]).toEqual([
      ['qwen', 'unreachable'],
      ['gemini', 'half-open'],
    ]);
    expect(breakersOf(known, 'model', frozenMs)).toBeNull();
  });

  it('puts what is equal in order of its key', () => {
    const rows = ['b', 'a', 'c'].map((key) => reportRow(key, 1));
    const { rows: ranked } = rank(
      { ...byModel, rows },
      { by: 'model', metric: 'cost', limit: 9, period: byModel, nowMs: frozenMs },
    );
    expect(ranked.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });
});

describe('lines in time', () => {
  it('are there for days without calls', () => {
    const report = { ...weekOfSpending().report, rows: [], sinceMs: midnightMs(20) };
    expect(filled(report, 'day').map(({ key, calls }) => [key, calls])).toEqual([
      ['2026-11-19T16:00:00.000Z', 0],
      ['2026-11-20T16:00:00.000Z', 0],
      ['2026-11-21T16:00:00.000Z', 0],
    ]);
  });

  it('are only those with calls when there would be thousands', () => {
    const report = { ...weekOfSpending().report, sinceMs: midnightMs(-300) };
    expect(filled(report, 'hour')).toBe(report.rows);
  });

  it('tell the two hours apart that have one name when the clocks go back', () => {
    const hours = ['2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00Z'].map((key) =>
      reportRow(key, 1),
    );
    const spending = weekOfSpending({
      by: 'hour',
      timezone: 'Europe/Berlin',
      period: { sinceMs: Date.parse('2026-10-24T22:00:00Z'), untilMs: Date.parse('2026-10-25T23:00:00Z') },
      report: { ...byModel, rows: hours },
    });
    expect(labelsOf(spending)).toEqual(['Sun 25 02:00 GMT+2', 'Sun 25 02:00 GMT+1', 'Sun 25 03:00']);
  });

  it('have names of their own for weeks and months, and a star while they last', () => {
    const labels = (by: 'week' | 'month', key: string) =>
      labelsOf(weekOfSpending({ by, report: { ...byModel, rows: [reportRow(key, 1)] } }));
    expect(labels('week', new Date(midnightMs(16)).toISOString())).toEqual(['from Mon 16 Nov*']);
    expect(labels('month', new Date(midnightMs(1)).toISOString())).toEqual(['Nov 2026*']);
  });
});

describe('for programs', () => {
  it('is a line per day, with a column per unit', () => {
    const { header, rows } = reportSheet(weekOfSpending());
    expect(header.slice(0, 4)).toEqual(['day', 'cost_usd', 'calls', 'attempts']);
    expect(rows.map(([day, cost]) => [day, cost]).slice(-2)).toEqual([
      ['2026-11-21', '0.000021'],
      ['2026-11-22', '3.4127'],
    ]);
    expect(rows[2]?.[header.indexOf('image')]).toBeNull();
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header.length]));
  });

  it('is a line per unit with the breakdown', () => {
    const { rows } = reportSheet(weekOfSpending({ by: 'model', report: byModel, breakdown: true }));
    expect(rows.slice(0, 3)).toEqual([
      ['qwen-plus', 'output_token', 'tokens', 900_000, '5.812'],
      ['qwen-plus', 'input_token', 'tokens', 4_200_000, '4'],
      ['qwen-plus', 'cached_input_token', 'tokens', 900_000, '0'],
    ]);
  });

  it('is one envelope', () => {
    const json = JSON.parse(reportJson(weekOfSpending({ by: 'model', report: byModel, breakdown: true })));
    expect(json).toMatchObject({
      schema: 'vibe.report/1',
      generated_at: '2026-11-22T10:53:00.000Z',
      timezone: 'Asia/Shanghai',
      query: { by: 'model', breakdown: true, since: '2026-11-15T16:00:00.000Z', until: '2026-11-22T16:00:00.000Z' },
      totals: { cost_usd: '19.6563', cost_nano_usd: 19_656_300_000 },
      warnings: [
        '3 attempts with unknown usage: the cost is an estimate.',
        '1 attempt of unknown cost: that money is in no sum.',
      ],
    });
    expect(json.rows[0].breakdown[0]).toEqual({
      unit: 'output_token',
      dimension: 'tokens',
      quantity: 900_000,
      cost_usd: '5.812',
      cost_nano_usd: 5_812_000_000,
    });
    expect(json.rows[0]).not.toHaveProperty('cost_by_unit');
  });

  it('keeps money without a quantity, whose quantity is unknown', () => {
    expect(unitCosts(byModel.rows[2] ?? reportRow('', 0)).at(-2)).toEqual({
      unit: '(none)',
      dimension: 'other',
      quantity: null,
      costNanoUsd: 41_000_000,
    });
  });
});
