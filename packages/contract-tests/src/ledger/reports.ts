import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { ReportGrouping, ReportRow } from '@vibe/core';
import { present } from '../expect.js';
import type { LedgerBench, LedgerTheme } from './bench.js';
import { attemptOf, premium, settlementOf, target } from './samples.js';

const hourMs = 3_600_000;

/** Four calls with five requests: answered, repeated, cancelled, and one of unknown cost. 450 nano-USD in all. */
async function history(bench: LedgerBench): Promise<void> {
  const startedAtMs = bench.clock.now() - 10_000;
  const call = async (tags: Record<string, string>, attempts: readonly ReturnType<typeof attemptOf>[]) => {
    const { callId } = await bench.hold(1_000, [], { tags, strict: false });
    await bench.ledger.settle(callId, settlementOf(attempts, { tags }));
  };
  await call({ team: 'red' }, [attemptOf({ startedAtMs, actualNanoUsd: 100 })]);
  await call({ team: 'blue' }, [
    attemptOf({
      startedAtMs,
      target: premium,
      status: 'failed',
      errorCode: 'provider_unavailable',
      usage: null,
      actualNanoUsd: 0,
      finishReason: null,
    }),
    attemptOf({ startedAtMs, target: premium, attempt: 2, actualNanoUsd: 300 }),
  ]);
  await call({ team: 'red' }, [
    attemptOf({
      startedAtMs,
      status: 'cancelled',
      errorCode: 'cancelled',
      usage: { quantities: { input_token: 10, output_token: 3 }, unknown: true, source: 'partial' },
      actualNanoUsd: 50,
    }),
  ]);
  await call({}, [attemptOf({ startedAtMs, target: premium, actualNanoUsd: null })]);
  await bench.ledger.flush();
}

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
];

/** Calls are left out: the requests of one call can lie in several rows. */
const summed = ['attempts', 'ok', 'failed', 'cancelled', 'blocked', 'costNanoUsd', 'unpriced', 'usageUnknown'] as const;

function sums(rows: readonly ReportRow[]): Record<string, number> {
  return Object.fromEntries(summed.map((field) => [field, rows.reduce((sum, row) => sum + row[field], 0)]));
}

/** What reports say about calls that have ended. */
export const reports: LedgerTheme = {
  'counts calls, requests, outcomes and known cost': async (bench) => {
    await history(bench);
    const { totals } = await bench.ledger.report({});
    const {
      calls,
      attempts,
      ok: answered,
      failed,
      cancelled,
      blocked,
      costNanoUsd,
      costUsd,
      unpriced,
      usageUnknown,
    } = totals;
    deepStrictEqual(
      { calls, attempts, answered, failed, cancelled, blocked, costNanoUsd, costUsd, unpriced, usageUnknown },
      {
        calls: 4,
        attempts: 5,
        answered: 3,
        failed: 1,
        cancelled: 1,
        blocked: 0,
        costNanoUsd: 450,
        costUsd: 0.000_000_45,
        unpriced: 1,
        usageUnknown: 1,
      },
    );
    deepStrictEqual([totals.quantities['input_token'], totals.quantities['output_token']], [40, 63]);
  },

  'adds up to its totals, by whatever it is grouped': async (bench) => {
    await history(bench);
    for (const by of groupings) {
      const { rows, totals } = await bench.ledger.report({ by });
      deepStrictEqual(sums(rows), sums([totals]), `by ${by}`);
      for (const row of rows) ok(Number.isSafeInteger(row.costNanoUsd), `${by} ${row.key}: money is a whole number`);
    }
  },

  'keeps the tags of a hold for a settlement that says none': async (bench) => {
    const { callId } = await bench.hold(1_000, [], { tags: { team: 'red' } });
    await bench.ledger.settle(
      callId,
      settlementOf([attemptOf({ startedAtMs: bench.clock.now() - 1_000, actualNanoUsd: 7 })]),
    );
    await bench.ledger.flush();
    const { rows } = await bench.ledger.report({ by: 'tag:team' });
    deepStrictEqual(
      rows.map(({ key, costNanoUsd }) => [key, costNanoUsd]),
      [['red', 7]],
    );
  },

  'shows why a call ended that made no request, and where it would have gone': async (bench) => {
    const { callId } = await bench.hold(50, [bench.budget()]);
    const fields = { status: 'failed', errorCode: 'timeout', actualNanoUsd: 0, target: premium } as const;
    await bench.ledger.settle(callId, settlementOf([], fields));
    await bench.ledger.flush();
    for (const [by, wanted] of [
      ['error', 'timeout'],
      ['status', 'failed'],
      ['model', premium.model],
    ] as const) {
      const { rows } = await bench.ledger.report({ by });
      deepStrictEqual(
        rows.map(({ key, calls, attempts }) => [key, calls, attempts]),
        [[wanted, 1, 0]],
        `by ${by}`,
      );
    }
  },

  'groups by model, dearest first': async (bench) => {
    await history(bench);
    const { rows } = await bench.ledger.report({ by: 'model' });
    deepStrictEqual(
      rows.map(({ key, calls, attempts, costNanoUsd }) => [key, calls, attempts, costNanoUsd]),
      [
        ['acme-2', 2, 3, 300],
        ['acme-1', 2, 2, 150],
      ],
    );
  },

  'groups by a tag': async (bench) => {
    await history(bench);
    const { rows } = await bench.ledger.report({ by: 'tag:team' });
    deepStrictEqual(rows.map(({ key, costNanoUsd }) => [key, costNanoUsd]).sort(), [
      ['(none)', 0],
      ['blue', 300],
      ['red', 150],
    ]);
  },

  'groups by time, in order of time': async (bench) => {
    await bench.spend(10, []);
    bench.clock.advance(2 * hourMs);
    await bench.spend(20, []);
    await bench.ledger.flush();
    const { rows } = await bench.ledger.report({ by: 'hour' });
    deepStrictEqual(
      rows.map(({ costNanoUsd }) => costNanoUsd).filter((cost) => cost > 0),
      [10, 20],
    );
  },

  'looks at the time it is asked for, and by default at today': async (bench) => {
    const noon = bench.clock.now();
    await bench.spend(10, []);
    bench.clock.advance(2 * hourMs);
    await bench.spend(20, []);
    await bench.ledger.flush();
    const cost = async (query: { sinceMs?: number; untilMs?: number }) =>
      (await bench.ledger.report(query)).totals.costNanoUsd;
    strictEqual(await cost({}), 30);
    strictEqual(await cost({ sinceMs: noon + hourMs }), 20);
    strictEqual(await cost({ sinceMs: noon - hourMs, untilMs: noon + hourMs }), 10);
    bench.clock.advance(24 * hourMs);
    strictEqual(await cost({}), 0);
    strictEqual(await cost({ sinceMs: noon - hourMs }), 30);
  },

  'knows what it has seen of each target': async (bench) => {
    const startedAtMs = bench.clock.now() - 10_000;
    const seen = [
      attemptOf({ startedAtMs, actualNanoUsd: 100 }),
      attemptOf({ startedAtMs, actualNanoUsd: 300, totalMs: 3_000 }),
      attemptOf({ startedAtMs, status: 'failed', errorCode: 'timeout', actualNanoUsd: null, usage: null }),
      attemptOf({ startedAtMs, status: 'cancelled', errorCode: 'cancelled', actualNanoUsd: 1 }),
    ];
    for (const attempt of seen) {
      const { callId } = await bench.hold(1_000, []);
      await bench.ledger.settle(callId, settlementOf([attempt]));
    }
    await bench.ledger.flush();
    const stats = await bench.ledger.stats({ provider: 'acme', model: 'acme-1' });
    strictEqual(stats.length, 1);
    const { provider, profile, endpoint, region, model, calls, failRate, p50Ms, p95Ms, ttftMs, costNanoUsd } = present(
      stats[0],
      'the statistics of the target',
    );
    deepStrictEqual({ provider, profile, endpoint, region, model }, target);
    deepStrictEqual([calls, Math.round(failRate * 300)], [3, 100]);
    for (const [what, ms] of Object.entries({ p50Ms, p95Ms }))
      ok(ms !== null && ms >= 900 && ms <= 3_300, `${what} lies between the fastest and the slowest answer: ${ms}`);
    ok(ttftMs !== null && ttftMs >= 90 && ttftMs <= 110, `the time to the first token is known: ${ttftMs}`);
    strictEqual(costNanoUsd, 200);
    deepStrictEqual(await bench.ledger.stats({ model: 'acme-9' }), []);
  },

  'knows each target apart, whatever they have in common': async (bench) => {
    const places = [target, { ...target, endpoint: 'far' }, { ...target, model: 'acme-2' }];
    for (const place of places) {
      const { callId } = await bench.hold(1_000, [], { target: place });
      const attempt = attemptOf({ startedAtMs: bench.clock.now() - 1_000, target: place });
      await bench.ledger.settle(callId, settlementOf([attempt]));
    }
    await bench.ledger.flush();
    const named = (await bench.ledger.stats({ provider: 'acme' })).map(({ endpoint, model }) => `${model} ${endpoint}`);
    deepStrictEqual(named.sort(), ['acme-1 far', 'acme-1 main', 'acme-2 main']);
  },
};
