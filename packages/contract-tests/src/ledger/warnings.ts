import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { Hold } from '@vibe/core';
import { refused } from '../expect.js';
import type { LedgerTheme } from './bench.js';

const thresholds = ({ crossings }: Hold) => crossings.map(({ threshold }) => threshold);

/** Thresholds and shadow budgets: what a hold tells besides yes and no. */
export const warnings: LedgerTheme = {
  'tells each threshold once, when a hold crosses it': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000, warnAt: [0.5, 0.8] });
    deepStrictEqual(thresholds(await bench.hold(499, [budget])), []);
    const [crossing] = (await bench.hold(101, [budget])).crossings;
    deepStrictEqual(
      [crossing?.budget.id, crossing?.threshold, crossing?.spentNanoUsd, crossing?.heldNanoUsd, crossing?.wouldRefuse],
      [budget.id, 0.5, 0, 600, false],
    );
    deepStrictEqual(thresholds(await bench.hold(100, [budget])), []);
    deepStrictEqual(thresholds(await bench.hold(100, [budget])), [0.8]);
    deepStrictEqual(thresholds(await bench.hold(200, [budget])), []);
  },

  'counts what was spent towards a threshold as well': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000, warnAt: [0.5] });
    await bench.spend(400, [budget]);
    deepStrictEqual(thresholds(await bench.hold(100, [budget])), [0.5]);
  },

  'tells at least the highest of several thresholds that one hold crosses, and none of them again': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000, warnAt: [0.5, 0.8] });
    strictEqual(Math.max(...thresholds(await bench.hold(900, [budget]))), 0.8);
    deepStrictEqual(thresholds(await bench.hold(50, [budget])), []);
  },

  'tells a threshold again in the next window': async (bench) => {
    const budget = bench.budget({ window: 'hour', timezone: 'UTC', limitNanoUsd: 1_000, warnAt: [0.5] });
    deepStrictEqual(thresholds(await bench.hold(600, [budget])), [0.5]);
    bench.clock.advance(3_600_000);
    deepStrictEqual(thresholds(await bench.hold(600, [budget])), [0.5]);
  },

  'keeps the warning for a hold that is admitted': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000, warnAt: [0.5] });
    await refused(bench.hold(1_001, [budget]), 'budget_exceeded');
    deepStrictEqual(thresholds(await bench.hold(600, [budget])), [0.5]);
  },

  'lets a shadow budget count and warn, and never refuse': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100, shadow: true });
    deepStrictEqual((await bench.hold(80, [budget])).crossings, []);
    const first = await bench.hold(80, [budget]);
    deepStrictEqual(
      first.crossings.map(({ wouldRefuse }) => wouldRefuse),
      [true],
    );
    deepStrictEqual((await bench.hold(80, [budget])).crossings, []);
    await bench.ledger.extend(first.callId, 90);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 250, remaining: -150 });
    strictEqual((await bench.ledger.check(bench.holdRequest(500, [budget]))).allowed, true);
  },

  'warns for each of several limits of the same window': async (bench) => {
    const shadow = bench.budget({ id: 'shadow', limitNanoUsd: 300, shadow: true });
    const real = bench.budget({ id: 'real', limitNanoUsd: 1_000, warnAt: [0.2, 0.8] });
    const told = [];
    for (const amount of [250, 250, 200, 100, 100]) {
      const { crossings } = await bench.hold(amount, [shadow, real]);
      told.push(crossings.map(({ budget, threshold, wouldRefuse }) => [budget.id, threshold, wouldRefuse]));
    }
    deepStrictEqual(told, [[['real', 0.2, false]], [['shadow', 1, true]], [], [['real', 0.8, false]], []]);
  },

  'warns anew where a limit was raised': async (bench) => {
    const low = bench.budget({ limitNanoUsd: 100, warnAt: [0.5] });
    const high = { ...low, limitNanoUsd: 1_000 };
    deepStrictEqual(thresholds(await bench.hold(60, [low])), [0.5]);
    deepStrictEqual(thresholds(await bench.hold(60, [high])), []);
    deepStrictEqual(thresholds(await bench.hold(400, [high])), [0.5]);
    deepStrictEqual(thresholds(await bench.hold(60, [high])), []);
  },

  'refuses by a real budget beside a shadow budget': async (bench) => {
    const shadow = bench.budget({ id: 'shadow', window: 'day', limitNanoUsd: 10, shadow: true });
    const real = bench.budget({ id: 'real', limitNanoUsd: 50 });
    const { details } = await refused(bench.hold(60, [shadow, real]), 'budget_exceeded');
    strictEqual((details['budget'] as { id: string }).id, 'real');
    strictEqual((await bench.gauge(shadow)).held, 0);
  },
};
