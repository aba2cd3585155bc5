import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { VibeError } from '@vibe/core';
import { refused } from '../expect.js';
import { randomSource, wholeNumber } from '../random.js';
import type { LedgerBench, LedgerTheme } from './bench.js';

/** All budgets of a call together, and all calls at once. */
export const transactions: LedgerTheme = {
  'charges every budget that counts the call': async (bench) => {
    const budgets = [bench.budget(), bench.budget({ window: 'day' }), bench.budget({ scope: 'model=acme-1' })];
    const { callId } = await bench.hold(60, budgets);
    for (const budget of budgets) strictEqual((await bench.gauge(budget)).held, 60, budget.id);
    await bench.ledger.extend(callId, 80);
    for (const budget of budgets) strictEqual((await bench.gauge(budget)).held, 80, budget.id);
    await bench.settle(callId, 70);
    for (const budget of budgets) {
      const { spent, held } = await bench.gauge(budget);
      deepStrictEqual([spent, held], [70, 0], budget.id);
    }
  },

  'touches no budget when any of them refuses': async (bench) => {
    const wide = bench.budget({ window: 'day' });
    const narrow = bench.budget({ id: 'narrow', window: 'hour', limitNanoUsd: 50 });
    const other = bench.budget({ window: 'month' });
    for (const budgets of [
      [wide, narrow, other],
      [narrow, wide, other],
      [wide, other, narrow],
    ]) {
      const { details } = await refused(bench.hold(60, budgets), 'budget_exceeded');
      strictEqual((details['budget'] as { id: string }).id, 'narrow');
      for (const budget of budgets) strictEqual((await bench.gauge(budget)).held, 0, budget.id);
    }
  },

  'checks every budget of a call, wherever it stands': async (bench) => {
    const wide = bench.budget({ window: 'day' });
    for (const window of ['hour', 'call'] as const) {
      const narrow = bench.budget({ id: `narrow ${window}`, window, limitNanoUsd: 50 });
      for (const budgets of [
        [narrow, wide],
        [wide, narrow],
      ]) {
        const { allowed, refusal } = await bench.ledger.check(bench.holdRequest(51, budgets));
        deepStrictEqual([allowed, refusal?.budget.id, refusal?.shortfallNanoUsd], [false, narrow.id, 1]);
        strictEqual((await bench.ledger.check(bench.holdRequest(50, budgets))).allowed, true);
      }
    }
  },

  'extends in all budgets or in none': async (bench) => {
    const wide = bench.budget({ window: 'day' });
    const narrow = bench.budget({ window: 'hour', limitNanoUsd: 50 });
    const { callId } = await bench.hold(40, [wide, narrow]);
    await refused(bench.ledger.extend(callId, 60), 'budget_exceeded');
    deepStrictEqual([(await bench.gauge(wide)).held, (await bench.gauge(narrow)).held], [40, 40]);
  },

  'admits exactly what is affordable of 1,000 holds at once': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000_000_000 });
    const outcomes = await holdAtOnce(bench, 1_000, 10_000_000, [budget]);
    strictEqual(outcomes.admitted.length, 100);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 1_000_000_000, remaining: 0 });
    await Promise.all(outcomes.admitted.map((callId) => bench.settle(callId, 4_000_000)));
    deepStrictEqual(await bench.gauge(budget), { spent: 400_000_000, held: 0, remaining: 600_000_000 });
    strictEqual((await holdAtOnce(bench, 1_000, 10_000_000, [budget])).admitted.length, 60);
  },

  'admits no more than the narrowest of several budgets under load': async (bench) => {
    const wide = bench.budget({ window: 'day', limitNanoUsd: 90_000 });
    const narrow = bench.budget({ window: 'hour', limitNanoUsd: 37_500 });
    const { admitted } = await holdAtOnce(bench, 200, 1_000, [wide, narrow]);
    strictEqual(admitted.length, 37);
    deepStrictEqual([(await bench.gauge(wide)).held, (await bench.gauge(narrow)).held], [37_000, 37_000]);
  },

  'stays within the limit, and adds up, in any mixture of holds, extensions and settlements': async (bench) => {
    const random = randomSource(1);
    const budget = bench.budget({ limitNanoUsd: 50_000 });
    let expected = 0;
    const call = async () => {
      const amount = wholeNumber(random, 1, 5_000);
      const callId = bench.newCallId();
      if (!(await admitted(bench.hold(amount, [budget], { callId })))) return;
      const extended = amount + wholeNumber(random, 0, 1_000);
      const held = (await admitted(bench.ledger.extend(callId, extended))) ? extended : amount;
      const actual = wholeNumber(random, 0, Math.floor(held / 3));
      await bench.settle(callId, actual);
      expected += actual;
    };
    for (let round = 0; round < 10; round++) {
      const running = Array.from({ length: 30 }, call);
      const { spent, held } = await bench.gauge(budget);
      ok(spent + held <= 50_000, `spent ${spent} + held ${held} is within the limit of 50000`);
      await Promise.all(running);
    }
    deepStrictEqual(await bench.gauge(budget), { spent: expected, held: 0, remaining: 50_000 - expected });
  },
};

async function holdAtOnce(
  bench: LedgerBench,
  count: number,
  amountNanoUsd: number,
  budgets: Parameters<LedgerBench['hold']>[1],
): Promise<{ admitted: readonly string[] }> {
  const callIds = Array.from({ length: count }, () => bench.newCallId());
  const granted = await Promise.all(callIds.map((callId) => admitted(bench.hold(amountNanoUsd, budgets, { callId }))));
  return { admitted: callIds.filter((_, index) => granted[index]) };
}

/** Whether the ledger granted it. Any other failure than a refusal is one of the test. */
async function admitted(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (VibeError.is(error, 'budget_exceeded')) return false;
    throw error;
  }
}
