import type { ReportGrouping, Target } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import {
  attempt,
  cent,
  holdRequest,
  look,
  openLedger,
  settlement,
  type TestLedger,
  tamper,
  target,
} from '../../test/fixture.js';
import { quarterMs, start, targets, threeDays } from '../../test/three-days.js';

const columns: Partial<Record<ReportGrouping, string>> = {
  model: "coalesce(model, '(none)')",
  provider: "coalesce(provider, '(none)')",
  endpoint: "coalesce(provider || '/' || endpoint, '(none)')",
  status: 'status',
  error: "coalesce(error_code, '(none)')",
  'tag:team': "coalesce(json_extract(tags_json, '$.team'), '(none)')",
};

/** The same sums, by SQL over attempts and events. */
function counted(path: string, column: string, sinceMs: number, untilMs: number) {
  return look(
    path,
    (db) =>
      db
        .prepare(
          `SELECT ${column} AS key, sum(last) AS calls, sum(attempt > 0) AS attempts, sum(status = 'ok') AS ok, sum(status = 'failed') AS failed,
             sum(status = 'cancelled') AS cancelled, sum(status = 'blocked') AS blocked,
             sum(charged_nano + CASE last WHEN 1 THEN coalesce((SELECT sum(amount_nano) FROM event AS e WHERE e.call_id = a.call_id AND kind = 'correct'), 0) ELSE 0 END) AS costNanoUsd,
             sum(cost_actual_nano IS NULL) AS unpriced, sum(usage_unknown) AS usageUnknown,
             sum(json_extract(usage_json, '$.input_token')) AS tokens
           FROM attempt AS a WHERE ts >= ? AND ts < ? GROUP BY 1 ORDER BY 1`,
        )
        .all(sinceMs, untilMs) as Record<string, unknown>[],
  );
}

async function reported(ledger: TestLedger, by: ReportGrouping, sinceMs: number, untilMs?: number) {
  const report = await ledger.report({ by, sinceMs, ...(untilMs === undefined ? {} : { untilMs }) });
  return report.rows
    .map(
      ({
        expired: _expired,
        costUsd: _costUsd,
        ttftP50Ms: _ttft,
        totalP50Ms: _p50,
        totalP95Ms: _p95,
        quantities,
        ...row
      }) => ({ ...row, tokens: quantities['input_token'] ?? null }),
    )
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}

describe('a report', () => {
  it('equals an independent sum in every grouping, over whole days and over odd minutes', async () => {
    const { ledger, now } = await threeDays();
    for (const [sinceMs, untilMs] of [
      [start, now() + 1],
      [start + 7 * quarterMs, start + 100 * quarterMs],
      [start + 12_345_678, start + 98_765_432],
      [start + 1000, start + 61_000],
    ] as const) {
      for (const [by, column] of Object.entries(columns)) {
        expect(await reported(ledger, by as ReportGrouping, sinceMs, untilMs)).toEqual(
          counted(ledger.path, column as string, sinceMs, untilMs),
        );
      }
    }
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });

  it('adds up to the same totals in every grouping, which are the spent money', async () => {
    const { ledger } = await threeDays();
    const groupings: readonly ReportGrouping[] = [
      'hour',
      'day',
      'week',
      'month',
      'provider',
      'model',
      'endpoint',
      'status',
      'error',
      'tag:team',
      'tag:none',
    ];
    const reports = await Promise.all(
      groupings.map((by) => ledger.report({ by, sinceMs: start - 1, timezone: 'Asia/Kolkata' })),
    );
    for (const { rows, totals, by } of reports) {
      for (const field of [
        'calls',
        'attempts',
        'ok',
        'failed',
        'cancelled',
        'blocked',
        'costNanoUsd',
        'unpriced',
        'usageUnknown',
      ] as const) {
        expect([by, field, rows.reduce((sum, row) => sum + row[field], 0)]).toEqual([by, field, totals[field]]);
      }
      expect(totals.quantities['audio_second']).toBeCloseTo(reports[0]?.totals.quantities['audio_second'] as number, 6);
      expect({ ...totals, quantities: null }).toEqual({ ...reports[0]?.totals, quantities: null });
    }
    const [state] = await ledger.budgets();
    expect(reports[0]?.totals.costNanoUsd).toBe(state?.spentNanoUsd);
  });

  it('groups by calendar windows of the zone, in order of time', async () => {
    const { ledger } = await threeDays();
    const { rows } = await ledger.report({ by: 'day', sinceMs: start, timezone: 'Asia/Kolkata' });
    expect(rows.map(({ key }) => key)).toEqual([
      '2026-11-19T18:30:00.000Z',
      '2026-11-20T18:30:00.000Z',
      '2026-11-21T18:30:00.000Z',
      '2026-11-22T18:30:00.000Z',
    ]);
  });

  it('knows percentiles, dearest rows first', async () => {
    const { ledger } = await threeDays();
    const { rows, totals } = await ledger.report({ sinceMs: start });
    expect(rows.map(({ costNanoUsd }) => costNanoUsd)).toEqual(
      rows.map(({ costNanoUsd }) => costNanoUsd).sort((left, right) => right - left),
    );
    const exact = look(
      ledger.path,
      (db) => db.prepare('SELECT total_ms FROM attempt WHERE attempt > 0 ORDER BY total_ms').pluck().all() as number[],
    );
    const at = (share: number) => exact[Math.ceil(share * exact.length) - 1] as number;
    expect(Math.abs((totals.totalP50Ms as number) - at(0.5))).toBeLessThanOrEqual(at(0.5) * 0.008);
    expect(Math.abs((totals.totalP95Ms as number) - at(0.95))).toBeLessThanOrEqual(at(0.95) * 0.008);
  });

  it('of today begins at midnight of the zone and includes the running minute', async () => {
    const ledger = openLedger();
    await ledger.settle('a', settlement());
    const report = await ledger.report({});
    expect(report).toMatchObject({ timezone: 'UTC', by: 'model', rows: [{ key: 'qwen-plus', calls: 1 }] });
    expect(report.sinceMs % 86_400_000).toBe(0);
  });
});

describe('statistics', () => {
  it('say how each target does, without what says nothing about it', async () => {
    const ledger = openLedger();
    const finished = (call: number, change: Parameters<typeof attempt>[0]) =>
      ledger.settle(
        `stat-${call}`,
        settlement({ attempts: [attempt({ totalMs: call * 100, ttftMs: call * 10, actualNanoUsd: call, ...change })] }),
      );
    for (let call = 1; call <= 8; call++) await finished(call, {});
    await finished(9, { status: 'failed', errorCode: 'timeout', actualNanoUsd: null });
    await finished(10, { status: 'cancelled', errorCode: 'cancelled' });
    await finished(11, { target: targets[2] as Target, actualNanoUsd: null });
    const stats = await ledger.stats({ provider: 'qwen' });
    expect(stats).toEqual([
      {
        ...{ ...target, calls: 9, failRate: 1 / 9, p50Ms: 400, p95Ms: 800, ttftMs: 40 },
        ...{ paceP50Ms: 400 / 90, paceP95Ms: 800 / 90 },
        ...{ costNanoUsd: 5, expectedNanoUsd: cent / 2 },
      },
    ]);
    expect(await ledger.stats({ model: 'gemini-2.5-flash' })).toMatchObject([{ calls: 1, costNanoUsd: null }]);
    expect(await ledger.stats({ sinceMs: Date.now() + 1000 })).toEqual([]);
  });
});

describe('health', () => {
  it('travels between processes, and news never give way to what is older', async () => {
    const first = openLedger();
    const second = openLedger({ path: first.path });
    const open = { key: 'qwen-plus @ sg', state: 'open' as const, untilMs: 2000, latencyMs: null, updatedAtMs: 1000 };
    first.health?.write([open]);
    await first.flush();
    second.health?.write([
      { ...open, state: 'closed', updatedAtMs: 999 },
      { key: 'sg', state: 'reachable', untilMs: null, latencyMs: 12.5, updatedAtMs: 5 },
    ]);
    await second.flush();
    expect(await first.health?.read()).toEqual([
      open,
      { key: 'sg', state: 'reachable', untilMs: null, latencyMs: 12.5, updatedAtMs: 5 },
    ]);
  });
});

describe('verify and rebuild', () => {
  it.each([
    ['a total', 'UPDATE total SET spent_nano = spent_nano + 1', /spent, events say/],
    ['what is held', 'UPDATE total SET held_nano = held_nano + 5', /held, events say/],
    ['a lost total', 'DELETE FROM total', /total .* is missing/],
    ['a rollup', 'UPDATE rollup SET cost_nano = cost_nano - 1 WHERE span_min = 60', /differs from its attempts/],
    ['a lost rollup', 'DELETE FROM rollup WHERE span_min = 15', /rollup 15 .* is missing/],
    ['a hold that is gone', 'DELETE FROM hold', /hold .* is missing/],
    ['a larger hold', 'UPDATE hold SET amount_nano = amount_nano + 1', /events say/],
  ])('find %s that does not follow from the events, and mend it', async (_what, sql, problem) => {
    const { ledger } = await threeDays();
    await ledger.hold(holdRequest());
    await ledger.flush();
    const before = await ledger.report({ sinceMs: start });
    tamper(ledger.path, sql);
    const broken = await ledger.admin?.verify();
    expect(broken?.ok).toBe(false);
    expect(broken?.problems.join('\n')).toMatch(problem);
    await ledger.admin?.rebuild();
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, problems: [] });
    expect(await ledger.report({ sinceMs: start })).toEqual(before);
  });

  it.each([
    [
      'an event of money nobody settled',
      "UPDATE event SET amount_nano = amount_nano + 1 WHERE seq = (SELECT max(seq) FROM event WHERE kind = 'settle')",
      /its rows say/,
    ],
    [
      'an attempt that was changed',
      'UPDATE attempt SET charged_nano = charged_nano + 1 WHERE rowid = 1',
      /its rows say|differs/,
    ],
  ])('find %s, which no rebuild can mend', async (_what, sql, problem) => {
    const { ledger } = await threeDays();
    tamper(ledger.path, sql);
    expect((await ledger.admin?.verify())?.problems.join('\n')).toMatch(problem);
  });
});

describe('administration', () => {
  it('shows open holds, and resolves them by hand', async () => {
    const ledger = openLedger();
    const spent = holdRequest();
    const released = holdRequest();
    await ledger.hold(spent);
    await ledger.hold(released);
    expect(await ledger.admin?.holds()).toMatchObject([
      { callId: spent.callId, amountNanoUsd: cent, strict: true, traceId: 'trace-1', target },
      { callId: released.callId },
    ]);
    await ledger.admin?.resolve(spent.callId, 'spent');
    await ledger.admin?.resolve(released.callId, 'released');
    await expect(ledger.admin?.resolve(spent.callId, 'spent')).rejects.toMatchObject({ code: 'invalid_request' });
    expect(await ledger.admin?.holds()).toEqual([]);
    expect((await ledger.report({})).totals).toMatchObject({ expired: 2, costNanoUsd: cent, unpriced: 0 });
    await ledger.settle(spent.callId, settlement());
    expect((await ledger.report({})).totals).toMatchObject({ expired: 1, ok: 1, costNanoUsd: cent / 4 });
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });

  it('corrects by an event, never below zero, and leaves the row as it was', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    const correct = (deltaNanoUsd: number) =>
      ledger.admin?.correct(request.callId, { deltaNanoUsd, reason: 'price list was wrong' });
    await expect(correct(1)).rejects.toMatchObject({ code: 'invalid_request', message: /not settled/ });
    await ledger.settle(request.callId, settlement());
    await correct(5);
    await correct(-cent / 4);
    await expect(correct(-6)).rejects.toMatchObject({ code: 'invalid_request', message: /cannot be lowered/ });
    expect((await ledger.report({})).totals.costNanoUsd).toBe(5);
    expect((await ledger.report({ by: 'tag:user' })).totals.costNanoUsd).toBe(5);
    expect(look(ledger.path, (db) => db.prepare('SELECT cost_actual_nano, charged_nano FROM attempt').get())).toEqual({
      cost_actual_nano: cent / 4,
      charged_nano: cent / 4,
    });
    expect(
      look(ledger.path, (db) => db.prepare("SELECT amount_nano, note FROM event WHERE kind = 'correct'").all()),
    ).toEqual([
      { amount_nano: 5, note: 'price list was wrong' },
      { amount_nano: -cent / 4, note: 'price list was wrong' },
    ]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });
});
