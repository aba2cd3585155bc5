import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { refused } from '../expect.js';
import type { LedgerTheme } from './bench.js';

const leaseMs = 60_000;

/** The barriers every ledger has. */
export const lifetime: LedgerTheme = {
  'flushes and closes as often as it is asked to': async (bench) => {
    await bench.ledger.flush();
    await bench.spend(10, [bench.budget()]);
    await Promise.all([bench.ledger.flush(), bench.ledger.flush()]);
    await Promise.all([bench.ledger.close(), bench.ledger.close()]);
    await bench.ledger.close();
  },

  'keeps the hold of a call that runs longer than its lease': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    const { callId } = await bench.hold(80, [budget], { leaseMs });
    bench.clock.advance(5 * leaseMs);
    await refused(bench.hold(21, [budget]), 'budget_exceeded');
    strictEqual((await bench.gauge(budget)).held, 80);
    await bench.settle(callId, 30);
    deepStrictEqual(await bench.gauge(budget), { spent: 30, held: 0, remaining: 70 });
  },

  'has everything written that was asked for before it was flushed': async (bench) => {
    const budget = bench.budget();
    const calls = await Promise.all(Array.from({ length: 100 }, () => bench.hold(10, [budget])));
    const settled = calls.map(({ callId }) => bench.settle(callId, 4));
    await bench.ledger.flush();
    strictEqual((await bench.ledger.report({})).totals.calls, 100);
    await Promise.all(settled);
  },
};

/** For ledgers whose store outlives them. */
export const durability: LedgerTheme = {
  'keeps what was spent and what is held': async (bench) => {
    const budget = bench.budget({ window: 'day', limitNanoUsd: 100 });
    await bench.spend(30, [budget]);
    await bench.hold(50, [budget]);
    await bench.reopen();
    deepStrictEqual(await bench.gauge(budget), { spent: 30, held: 50, remaining: 20 });
    await refused(bench.hold(21, [budget]), 'budget_exceeded');
  },

  'lets the next process settle, exactly once': async (bench) => {
    const budget = bench.budget();
    const { callId } = await bench.hold(50, [budget]);
    await bench.reopen();
    await bench.settle(callId, 60);
    await bench.reopen();
    await bench.settle(callId, 60);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [60, 0]);
    strictEqual((await bench.ledger.report({})).totals.attempts, 1);
  },

  'keeps its rows': async (bench) => {
    await bench.spend(30, []);
    await bench.spend(40, []);
    await bench.ledger.flush();
    const before = await bench.ledger.report({ by: 'model' });
    await bench.reopen();
    deepStrictEqual(await bench.ledger.report({ by: 'model' }), before);
  },

  'remembers idempotency keys': async (bench) => {
    const key = { idempotencyKey: 'order-4711' };
    await bench.hold(10, [], key);
    await bench.reopen();
    await refused(bench.hold(10, [], key), 'invalid_request');
  },

  'remembers which thresholds were told': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 1_000, warnAt: [0.5] });
    strictEqual((await bench.hold(600, [budget])).crossings.length, 1);
    await bench.reopen();
    deepStrictEqual((await bench.hold(10, [budget])).crossings, []);
  },
};

/** For ledgers whose store outlives them: holds whose process has died, by the mode they were made in. */
export const expiry: LedgerTheme = {
  'decides a hold whose lease has run out, as its mode says': async (bench) => {
    const budget = bench.budget();
    await bench.hold(80, [budget], { leaseMs });
    await bench.ledger.flush();
    bench.clock.advance(5 * leaseMs);
    await bench.reopen();
    // Whoever writes next finds it; a process that only reads need not.
    await bench.spend(1, []);
    const expected = bench.mode === 'strict_budget' ? [80, 0] : [0, 0];
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], expected);
  },

  'replaces what the expiry has booked by a late settlement, once': async (bench) => {
    const budget = bench.budget();
    const { callId } = await bench.hold(80, [budget], { leaseMs });
    await bench.ledger.flush();
    bench.clock.advance(5 * leaseMs);
    await bench.reopen();
    await bench.settle(callId, 30);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [30, 0]);
    await bench.settle(callId, 30);
    await bench.settle(callId, 50);
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [30, 0]);
  },
};
