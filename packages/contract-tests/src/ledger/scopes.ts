import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { present, refused } from '../expect.js';
import type { LedgerTheme } from './bench.js';

/** Which calls count together, and how a gauge shows it. */
export const scopes: LedgerTheme = {
  'counts every scope apart': async (bench) => {
    const alice = bench.budget({ scope: 'tag.user=alice', limitNanoUsd: 100 });
    const bob = bench.budget({ scope: 'tag.user=bob', limitNanoUsd: 100 });
    const nobody = bench.budget({ scope: 'tag.user=(none)', limitNanoUsd: 100 });
    await bench.spend(100, [alice]);
    await refused(bench.hold(1, [alice]), 'budget_exceeded');
    await bench.spend(30, [bob]);
    await bench.spend(20, [nobody]);
    const spent = [await bench.gauge(alice), await bench.gauge(bob), await bench.gauge(nobody)].map((g) => g.spent);
    deepStrictEqual(spent, [100, 30, 20]);
  },

  'counts scopes apart that only a database takes for the same': async (bench) => {
    const users = ['anna', 'Anna', 'ANNA', 'anna '];
    const budgets = users.map((user) => bench.budget({ scope: `tag.user=${user}` }));
    for (const [index, budget] of budgets.entries()) await bench.spend(index + 1, [budget]);
    const spent = [];
    for (const budget of budgets) spent.push((await bench.gauge(budget)).spent);
    deepStrictEqual(spent, [1, 2, 3, 4]);
  },

  'counts the same scope, window and zone together, whatever the budget is called': async (bench) => {
    await bench.spend(40, [bench.budget({ id: 'first', scope: 'model=acme-1' })]);
    strictEqual((await bench.gauge(bench.budget({ id: 'second', scope: 'model=acme-1' }))).spent, 40);
  },

  'shows one gauge per value for a budget with a wildcard': async (bench) => {
    const pattern = bench.budget({ id: 'per user', scope: 'tag.user=*', limitNanoUsd: 100 });
    const ofUser = (user: string) => ({ ...pattern, scope: `tag.user=${user}` });
    await bench.spend(40, [ofUser('alice')]);
    await bench.spend(5, [ofUser('alice')]);
    await bench.hold(30, [ofUser('bob')]);
    await bench.spend(7, [{ ...pattern, scope: 'tag.team=alice' }]);
    await bench.ledger.flush();
    const states = await bench.ledger.budgets({ budgets: [pattern] });
    deepStrictEqual(
      states
        .map(({ scope, spentNanoUsd, heldNanoUsd, remainingNanoUsd }) => [
          scope,
          spentNanoUsd,
          heldNanoUsd,
          remainingNanoUsd,
        ])
        .sort(),
      [
        ['tag.user=alice', 45, 0, 55],
        ['tag.user=bob', 0, 30, 70],
      ],
    );
  },

  'shows what is configured beside what is counted, in USD and in nano-USD': async (bench) => {
    const budget = bench.budget({
      id: 'team',
      window: 'day',
      limitNanoUsd: 2_500_000_000,
      origin: 'vibe.config.yaml:7',
    });
    await bench.spend(500_000_000, [budget]);
    await bench.hold(250_000_000, [budget]);
    await bench.ledger.flush();
    const [state] = await bench.ledger.budgets({ budgets: [budget] });
    deepStrictEqual(state, {
      id: 'team',
      scope: 'all',
      window: 'day',
      timezone: 'Asia/Shanghai',
      mode: bench.mode,
      shadow: false,
      limitUsd: 2.5,
      spentUsd: 0.5,
      heldUsd: 0.25,
      remainingUsd: 1.75,
      limitNanoUsd: 2_500_000_000,
      spentNanoUsd: 500_000_000,
      heldNanoUsd: 250_000_000,
      remainingNanoUsd: 1_750_000_000,
      resetsAt: '2026-03-10T16:00:00.000Z',
      origin: 'vibe.config.yaml:7',
    });
  },

  'shows a budget that nothing was spent on': async (bench) => {
    deepStrictEqual(await bench.gauge(bench.budget()), { spent: 0, held: 0, remaining: 1_000_000 });
  },

  'shows whatever is in use when it is asked for nothing in particular': async (bench) => {
    await bench.spend(40, [bench.budget({ scope: 'model=acme-1' })]);
    await bench.ledger.flush();
    const states = await bench.ledger.budgets();
    const state = present(
      states.find(({ scope }) => scope === 'model=acme-1'),
      'a gauge for the scope in use',
    );
    strictEqual(state.spentNanoUsd, 40);
  },
};
