import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { refused } from '../expect.js';
import type { LedgerTheme } from './bench.js';
import { attemptOf, settlementOf } from './samples.js';

/** What becomes of a hold when its call ends. */
export const settlement: LedgerTheme = {
  'turns what was held into what was spent': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(90, [budget]);
    await bench.settle(callId, 40);
    deepStrictEqual(await bench.gauge(budget), { spent: 40, held: 0, remaining: 60 });
  },

  'releases all of it when the call cost nothing': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(90, [budget]);
    await bench.settle(callId, 0, { status: 'failed', errorCode: 'provider_unavailable' });
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
  },

  'settles cancelled and failed calls at what they cost': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    for (const status of ['cancelled', 'failed'] as const) {
      const { callId } = await bench.hold(50, [budget]);
      const attempt = attemptOf({ startedAtMs: bench.clock.now(), status, errorCode: 'cancelled', actualNanoUsd: 20 });
      await bench.ledger.settle(callId, settlementOf([attempt], { status, errorCode: 'cancelled' }));
    }
    deepStrictEqual(await bench.gauge(budget), { spent: 40, held: 0, remaining: 60 });
  },

  'releases the hold of a call that ended before its first request': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(50, [budget]);
    await bench.ledger.settle(
      callId,
      settlementOf([], { status: 'cancelled', errorCode: 'cancelled', actualNanoUsd: 0 }),
    );
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
  },

  'settles exactly once, whatever is said again': async (bench) => {
    const budget = bench.budget();
    const { callId } = await bench.hold(90, [budget]);
    await Promise.all([bench.settle(callId, 40), bench.settle(callId, 40), bench.settle(callId, 40)]);
    await bench.settle(callId, 40);
    await bench.settle(callId, 60);
    strictEqual((await bench.gauge(budget)).spent, 40);
    const { totals } = await bench.ledger.report({});
    deepStrictEqual([totals.calls, totals.attempts, totals.costNanoUsd], [1, 1, 40]);
  },

  'does not take a late hold of a settled call for a new one': async (bench) => {
    const budget = bench.budget();
    const callId = await bench.spend(40, [budget]);
    await bench.hold(40, [budget], { callId }).catch(() => undefined);
    await bench.settle(callId, 40);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [40, 0]);
  },

  'records what was spent beyond the hold, and refuses the next call': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(80, [budget]);
    await bench.settle(callId, 130);
    deepStrictEqual(await bench.gauge(budget), { spent: 130, held: 0, remaining: -30 });
    const { details } = await refused(bench.hold(1, [budget]), 'budget_exceeded');
    deepStrictEqual([details['spent'], details['shortfall']], [130, 31]);
  },

  'charges what was held for an unknown cost of a strict call, and counts it as unpriced': async (bench) => {
    const budget = bench.budget();
    const { callId } = await bench.hold(80, [budget], { strict: true });
    await bench.settle(callId, null);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [80, 0]);
    await bench.ledger.flush();
    const { totals } = await bench.ledger.report({});
    deepStrictEqual([totals.attempts, totals.unpriced, totals.costNanoUsd], [1, 1, 80]);
  },

  'charges nothing for an unknown cost of a best-effort call, and counts it as unpriced': async (bench) => {
    const budget = bench.budget();
    const { callId } = await bench.hold(80, [budget], { strict: false });
    await bench.settle(callId, null);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [0, 0]);
    await bench.ledger.flush();
    const { totals } = await bench.ledger.report({});
    deepStrictEqual([totals.attempts, totals.unpriced, totals.costNanoUsd], [1, 1, 0]);
  },

  'charges what is known when the cost of one attempt is not': async (bench) => {
    const budget = bench.budget();
    const known = attemptOf({
      startedAtMs: bench.clock.now() - 2_000,
      attempt: 1,
      status: 'failed',
      actualNanoUsd: 30,
    });
    const unknown = attemptOf({ startedAtMs: bench.clock.now() - 1_000, attempt: 2, actualNanoUsd: null });
    const strict = await bench.hold(80, [budget], { strict: true });
    await bench.ledger.settle(strict.callId, settlementOf([known, unknown]));
    strictEqual((await bench.gauge(budget)).spent, 80);
    const lax = await bench.hold(80, [budget], { strict: false });
    await bench.ledger.settle(lax.callId, settlementOf([known, unknown]));
    strictEqual((await bench.gauge(budget)).spent, 110);
    await bench.ledger.flush();
    strictEqual((await bench.ledger.report({})).totals.costNanoUsd, 110);
  },

  'leaves other calls alone': async (bench) => {
    const budget = bench.budget();
    const first = await bench.hold(10, [budget]);
    const second = await bench.hold(20, [budget]);
    await bench.settle(first.callId, 5);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [5, 20]);
    ok(second.callId !== first.callId);
  },
};
