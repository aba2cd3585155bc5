import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { refused } from '../expect.js';
import type { LedgerTheme } from './bench.js';

/** What a hold, an extension and a check decide. */
export const admission: LedgerTheme = {
  'admits what fits, to the last nano-USD, and not one more': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 300_000_000 });
    await bench.hold(100_000_000, [budget]);
    await bench.hold(200_000_000, [budget]);
    await refused(bench.hold(1, [budget]), 'budget_exceeded');
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 300_000_000, remaining: 0 });
  },

  'counts in whole nano-USD, exact up to the largest safe integer': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: Number.MAX_SAFE_INTEGER });
    await bench.hold(4_503_599_627_370_497, [budget]);
    await bench.spend(4_503_599_627_370_493, [budget]);
    const { spent, held, remaining } = await bench.gauge(budget);
    deepStrictEqual([spent, held, remaining], [4_503_599_627_370_493, 4_503_599_627_370_497, 1]);
    await refused(bench.hold(2, [budget]), 'budget_exceeded');
  },

  'adds up thousandths of a cent without an error': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000_000_000 });
    for (let call = 0; call < 10; call++) await bench.spend(100_000_000, [budget]);
    deepStrictEqual(await bench.gauge(budget), { spent: 1_000_000_000, held: 0, remaining: 0 });
  },

  'refuses amounts that are not whole nano-USD': async (bench) => {
    const budget = bench.budget();
    for (const amount of [0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      await refused(bench.hold(amount, [budget]));
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 1_000_000 });
  },

  'names the budget that refused, with exact numbers': async (bench) => {
    const budget = bench.budget({ id: 'team', window: 'day', limitNanoUsd: 100, origin: 'vibe.config.yaml:7' });
    await bench.spend(30, [budget]);
    await bench.hold(50, [budget]);
    const { details, message } = await refused(bench.hold(40, [budget]), 'budget_exceeded');
    const { spent, held, asked, limit, shortfall, window, scope, origin, resetsAt } = details;
    deepStrictEqual(
      { spent, held, asked, limit, shortfall, window, scope, origin, resetsAt },
      {
        spent: 30,
        held: 50,
        asked: 40,
        limit: 100,
        shortfall: 20,
        window: 'day',
        scope: 'all',
        origin: 'vibe.config.yaml:7',
        resetsAt: '2026-03-10T16:00:00.000Z',
      },
    );
    ok(message.includes('team'), `the message names the budget: ${message}`);
  },

  'takes the limit from each hold, so that a changed configuration counts at once': async (bench) => {
    const low = bench.budget({ limitNanoUsd: 100 });
    const high = bench.budget({ limitNanoUsd: 200 });
    await bench.hold(100, [low]);
    await refused(bench.hold(1, [low]), 'budget_exceeded');
    await bench.hold(100, [high]);
    strictEqual((await bench.gauge(high)).held, 200);
    await refused(bench.hold(1, [low]), 'budget_exceeded');
  },

  'bounds each single call by a budget for one call': async (bench) => {
    const budget = bench.budget({ window: 'call', limitNanoUsd: 100 });
    await bench.spend(100, [budget]);
    const { callId } = await bench.hold(60, [budget]);
    await refused(bench.hold(101, [budget]), 'budget_exceeded');
    await bench.ledger.extend(callId, 100);
    await refused(bench.ledger.extend(callId, 101), 'budget_exceeded');
  },

  'adds nothing up in a budget for one call, and warns of every call that passes its threshold': async (bench) => {
    const budget = bench.budget({ window: 'call', limitNanoUsd: 100, warnAt: [0.5] });
    const thresholds = [];
    for (let call = 0; call < 2; call++) {
      const { callId, crossings } = await bench.hold(60, [budget]);
      thresholds.push(crossings.map(({ threshold }) => threshold));
      deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
      await bench.settle(callId, 60);
    }
    deepStrictEqual(thresholds, [[0.5], [0.5]]);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 0, remaining: 100 });
  },

  'admits a hold of nothing, also where nothing is left': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    await bench.spend(100, [budget]);
    const { callId } = await bench.hold(0, [budget]);
    await bench.settle(callId, 7);
    deepStrictEqual(await bench.gauge(budget), { spent: 107, held: 0, remaining: -7 });
  },

  'admits a call that no budget counts': async (bench) => {
    const { callId } = await bench.hold(Number.MAX_SAFE_INTEGER, []);
    await bench.settle(callId, 1);
  },

  'takes the same hold again for the same hold': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 150 });
    const request = bench.holdRequest(100, [budget]);
    await Promise.all([bench.ledger.hold(request), bench.ledger.hold(request)]);
    const again = await bench.ledger.hold(request);
    strictEqual(again.amountNanoUsd, 100);
    strictEqual((await bench.gauge(budget)).held, 100);
  },

  'checks as it would hold, and writes nothing': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    await bench.spend(30, [budget]);
    await bench.hold(50, [budget]);
    const fits = await bench.ledger.check(bench.holdRequest(20, [budget]));
    deepStrictEqual([fits.allowed, fits.refusal], [true, null]);
    const { allowed, refusal } = await bench.ledger.check(bench.holdRequest(21, [budget]));
    strictEqual(allowed, false);
    deepStrictEqual(
      [
        refusal?.budget.id,
        refusal?.spentNanoUsd,
        refusal?.heldNanoUsd,
        refusal?.askedNanoUsd,
        refusal?.shortfallNanoUsd,
      ],
      [budget.id, 30, 50, 21, 1],
    );
    deepStrictEqual(await bench.gauge(budget), { spent: 30, held: 50, remaining: 20 });
    await bench.hold(20, [budget]);
  },

  'extends a hold to a higher amount': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(40, [budget]);
    await bench.ledger.extend(callId, 100);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 100, remaining: 0 });
    await bench.settle(callId, 70);
    deepStrictEqual(await bench.gauge(budget), { spent: 70, held: 0, remaining: 30 });
  },

  'keeps a hold as it is when its extension is refused': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(40, [budget]);
    const { details } = await refused(bench.ledger.extend(callId, 101), 'budget_exceeded');
    strictEqual(details['shortfall'], 1);
    deepStrictEqual(await bench.gauge(budget), { spent: 0, held: 40, remaining: 60 });
  },

  'takes an extension to no more than the hold for done': async (bench) => {
    const budget = bench.budget();
    const { callId } = await bench.hold(40, [budget]);
    await bench.ledger.extend(callId, 40);
    await bench.ledger.extend(callId, 10);
    strictEqual((await bench.gauge(budget)).held, 40);
  },

  'refuses to extend what is not held': async (bench) => {
    await refused(bench.ledger.extend('nobody', 10));
    const callId = await bench.spend(10, [bench.budget()]);
    await refused(bench.ledger.extend(callId, 20));
  },
};
