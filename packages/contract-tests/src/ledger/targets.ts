import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { Target } from '@vibe/core';
import { refused } from '../expect.js';
import type { LedgerBench, LedgerTheme } from './bench.js';
import { attemptOf, settlementOf, target } from './samples.js';

const other: Target = { ...target, provider: 'other', endpoint: 'far', model: 'other-1' };

function budgetsOf(bench: LedgerBench) {
  return {
    all: bench.budget(),
    own: bench.budget({ scope: `provider=${target.provider}` }),
    others: bench.budget({ scope: `model=${other.model};provider=${other.provider}`, limitNanoUsd: 100 }),
  };
}

/** Calls that fail over to a target where other budgets count. */
export const targets: LedgerTheme = {
  'brings further budgets into a hold with its whole amount': async (bench) => {
    const { all, own, others } = budgetsOf(bench);
    const { callId } = await bench.hold(40, [all, own]);
    await bench.ledger.extend(callId, 60, { budgets: [all, others], strict: bench.mode === 'strict_budget' });
    strictEqual((await bench.gauge(all)).held, 60);
    strictEqual((await bench.gauge(own)).held, 60);
    strictEqual((await bench.gauge(others)).held, 60);
    await bench.ledger.extend(callId, 60, { budgets: [all, others], strict: bench.mode === 'strict_budget' });
    strictEqual((await bench.gauge(others)).held, 60);
  },

  'brings in every further budget, however many there are': async (bench) => {
    const { all, own, others } = budgetsOf(bench);
    const endpoint = bench.budget({ scope: `endpoint=${other.endpoint}` });
    const { callId } = await bench.hold(40, [all, own]);
    const further = [others, all, endpoint];
    await bench.ledger.extend(callId, 40, { budgets: further, strict: bench.mode === 'strict_budget' });
    for (const budget of further) strictEqual((await bench.gauge(budget)).held, 40);
  },

  'takes a hold for strict from the extension on that says so': async (bench) => {
    const { all } = budgetsOf(bench);
    const { callId } = await bench.hold(40, [all], { strict: false });
    await bench.ledger.extend(callId, 60, { budgets: [all], strict: true });
    await bench.settle(callId, null);
    strictEqual((await bench.gauge(all)).spent, 60);
  },

  'refuses an extension that a further budget cannot bear, and keeps the hold as it is': async (bench) => {
    const { all, own, others } = budgetsOf(bench);
    await bench.hold(50, [others]);
    const { callId } = await bench.hold(40, [all, own]);
    const refusal = bench.ledger.extend(callId, 51, { budgets: [all, others], strict: true });
    const { details } = await refused(refusal, 'budget_exceeded');
    deepStrictEqual([details['held'], details['asked'], details['shortfall']], [50, 51, 1]);
    strictEqual((await bench.gauge(all)).held, 40);
    strictEqual((await bench.gauge(others)).held, 50);
  },

  'refuses an extension that asks for no more when a further budget for one call is smaller': async (bench) => {
    const { all } = budgetsOf(bench);
    const each = bench.budget({ window: 'call', scope: `provider=${other.provider}`, limitNanoUsd: 39 });
    const { callId } = await bench.hold(40, [all]);
    const strict = bench.mode === 'strict_budget';
    const { details } = await refused(
      bench.ledger.extend(callId, 40, { budgets: [all, each], strict }),
      'budget_exceeded',
    );
    deepStrictEqual([details['window'], details['asked'], details['shortfall']], ['call', 40, 1]);
    await bench.ledger.extend(callId, 40, { budgets: [all, { ...each, limitNanoUsd: 40 }], strict });
  },

  'charges a budget of some targets only for attempts there': async (bench) => {
    const { all, own, others } = budgetsOf(bench);
    const { callId } = await bench.hold(40, [all, own]);
    await bench.ledger.extend(callId, 60, { budgets: [all, others], strict: true });
    const startedAtMs = bench.clock.now();
    const failed = attemptOf({ startedAtMs, attempt: 1, status: 'failed', actualNanoUsd: 7 });
    const answered = attemptOf({ startedAtMs, attempt: 2, target: other, actualNanoUsd: 20 });
    await bench.ledger.settle(callId, settlementOf([failed, answered]));
    strictEqual((await bench.gauge(all)).spent, 27);
    strictEqual((await bench.gauge(own)).spent, 7);
    strictEqual((await bench.gauge(others)).spent, 20);
    strictEqual((await bench.gauge(own)).held, 0);
    await bench.ledger.admin?.correct(callId, { deltaNanoUsd: 5, reason: 'invoice' });
    deepStrictEqual(
      [(await bench.gauge(all)).spent, (await bench.gauge(own)).spent, (await bench.gauge(others)).spent],
      [32, 7, 25],
    );
    const verified = await bench.ledger.admin?.verify();
    deepStrictEqual(verified?.problems ?? [], []);
    await bench.ledger.admin?.rebuild();
    deepStrictEqual([(await bench.gauge(own)).spent, (await bench.gauge(others)).spent], [7, 25]);
  },

  'charges nobody for a target that cost nothing': async (bench) => {
    const { all, own, others } = budgetsOf(bench);
    const { callId } = await bench.hold(40, [all, own]);
    await bench.ledger.extend(callId, 40, { budgets: [all, others], strict: true });
    const startedAtMs = bench.clock.now();
    const refusedKey = attemptOf({ startedAtMs, attempt: 1, status: 'failed', actualNanoUsd: 0 });
    const answered = attemptOf({ startedAtMs, attempt: 2, target: other, actualNanoUsd: 20 });
    await bench.ledger.settle(callId, settlementOf([refusedKey, answered]));
    deepStrictEqual([(await bench.gauge(own)).spent, (await bench.gauge(others)).spent], [0, 20]);
  },
};
