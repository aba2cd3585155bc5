import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { LedgerAdmin } from '@vibe/core';
import { present, refused } from '../expect.js';
import type { LedgerBench, LedgerTheme } from './bench.js';
import { attemptOf, settlementOf, target } from './samples.js';

const adminOf = (bench: LedgerBench): LedgerAdmin => present(bench.ledger.admin, 'admin');

/** For ledgers with an administrator's side. */
export const administration: LedgerTheme = {
  'lists the open holds': async (bench) => {
    const first = await bench.hold(40, [bench.budget()]);
    const second = await bench.hold(50, [bench.budget()]);
    await bench.ledger.flush();
    const holds = await adminOf(bench).holds();
    deepStrictEqual(holds.map(({ callId, amountNanoUsd }) => [callId, amountNanoUsd]).sort(), [
      [first.callId, 40],
      [second.callId, 50],
    ]);
    await bench.settle(first.callId, 1);
    await bench.settle(second.callId, 1);
    await bench.ledger.flush();
    deepStrictEqual(await adminOf(bench).holds(), []);
  },

  'tells of an open hold whose it is': async (bench) => {
    const { callId } = await bench.hold(40, [], { traceId: 'trace-7', strict: true, leaseMs: 5_000 });
    await bench.ledger.flush();
    const [hold] = await adminOf(bench).holds();
    const { traceId, strict, target: held, createdAtMs, expiresAtMs } = present(hold, 'the open hold');
    deepStrictEqual([traceId, strict, held?.model], ['trace-7', true, target.model]);
    ok(createdAtMs > 0 && expiresAtMs > createdAtMs, 'it was made, and ends some time');
    await bench.settle(callId, 1);
  },

  'ends a hold by hand, as spent or as released': async (bench) => {
    const budget = bench.budget();
    const [spent, released] = [await bench.hold(40, [budget]), await bench.hold(50, [budget])];
    await adminOf(bench).resolve(spent.callId, 'spent');
    await adminOf(bench).resolve(released.callId, 'released');
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [40, 0]);
    await refused(adminOf(bench).resolve('nobody', 'spent'), 'invalid_request');
  },

  'replaces what an end by hand has booked when the settlement comes after all, once': async (bench) => {
    const budget = bench.budget();
    for (const how of ['spent', 'released'] as const) {
      const { callId } = await bench.hold(40, [budget]);
      await adminOf(bench).resolve(callId, how);
      await adminOf(bench).correct(callId, { deltaNanoUsd: 5, reason: 'a guess' });
      await bench.settle(callId, 30);
      await bench.settle(callId, 70);
    }
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [60, 0]);
    const { totals } = await bench.ledger.report({});
    deepStrictEqual([totals.calls, totals.attempts, totals.costNanoUsd], [2, 2, 60]);
    ok((await adminOf(bench).verify()).ok);
  },

  'refuses corrections below nothing, or of a part of a nano-USD': async (bench) => {
    const budget = bench.budget();
    const callId = await bench.spend(40, [budget]);
    await refused(adminOf(bench).correct(callId, { deltaNanoUsd: -41, reason: 'too much' }), 'invalid_request');
    await refused(adminOf(bench).correct(callId, { deltaNanoUsd: 0.5, reason: 'a half' }));
    strictEqual((await bench.gauge(budget)).spent, 40);
  },

  'corrects a settled call up and down, in all of its budgets': async (bench) => {
    const budgets = [bench.budget(), bench.budget({ window: 'day' })];
    const callId = await bench.spend(40, budgets);
    await adminOf(bench).correct(callId, { deltaNanoUsd: 10, reason: 'the invoice says so' });
    for (const budget of budgets) strictEqual((await bench.gauge(budget)).spent, 50, budget.id);
    await adminOf(bench).correct(callId, { deltaNanoUsd: -30, reason: 'and was mended' });
    for (const budget of budgets) strictEqual((await bench.gauge(budget)).spent, 20, budget.id);
    await refused(adminOf(bench).correct('nobody', { deltaNanoUsd: 1, reason: 'x' }), 'invalid_request');
  },

  'shows ended calls with what was foreseen and what they cost, a page at a time': async (bench) => {
    const { calls, correct } = adminOf(bench);
    if (calls === undefined) return;
    const startedAtMs = bench.clock.now();
    const { callId } = await bench.hold(500, [bench.budget()]);
    await bench.ledger.extend(callId, 700);
    const failed = attemptOf({ startedAtMs, status: 'failed', errorCode: 'timeout', usage: null, actualNanoUsd: 0 });
    const answered = attemptOf({
      startedAtMs,
      attempt: 2,
      servedModel: 'acme-1b',
      estimatedNanoUsd: 90,
      actualNanoUsd: 60,
    });
    await bench.ledger.settle(callId, settlementOf([failed, answered]));
    const others = [await bench.spend(40, []), await bench.spend(41, [])];
    await correct(callId, { deltaNanoUsd: -10, reason: 'the price was wrong' });
    await bench.ledger.flush();
    const all = await calls();
    deepStrictEqual(all.map((call) => call.callId).sort(), [callId, ...others].sort());
    const shown = all.find((call) => call.callId === callId);
    deepStrictEqual([shown?.status, shown?.heldNanoUsd, shown?.chargedNanoUsd], ['ok', 700, 50]);
    deepStrictEqual(
      shown?.attempts.map((attempt) => [attempt.attempt, attempt.estimatedNanoUsd, attempt.actualNanoUsd]),
      [
        [1, 0, 0],
        [2, 90, 60],
      ],
    );
    const [, second] = shown?.attempts ?? [];
    deepStrictEqual([second?.target, second?.servedModel], [target, 'acme-1b']);
    deepStrictEqual([second?.usage, second?.priceIds], [answered.usage, ['contract-tests/acme-1']]);
    const pages = [];
    for (let afterCallId = ''; ; ) {
      const [call] = await calls({ limit: 1, afterCallId });
      if (call === undefined) break;
      pages.push(call);
      afterCallId = call.callId;
    }
    deepStrictEqual(pages, all);
    const idsOf = (some: typeof all) => some.map((call) => call.callId);
    deepStrictEqual(idsOf(await calls({ sinceMs: startedAtMs })), [callId]);
    deepStrictEqual(idsOf(await calls({ untilMs: startedAtMs })).sort(), [...others].sort());
  },

  'finds its own books in order, before and after computing them anew': async (bench) => {
    const budget = bench.budget();
    await bench.spend(40, [budget]);
    const { callId } = await bench.hold(10, [budget]);
    await bench.ledger.extend(callId, 30);
    await bench.ledger.flush();
    const before = await adminOf(bench).verify();
    deepStrictEqual([before.ok, before.problems, before.openHolds], [true, [], 1]);
    await adminOf(bench).rebuild();
    deepStrictEqual([(await bench.gauge(budget)).spent, (await bench.gauge(budget)).held], [40, 30]);
    ok((await adminOf(bench).verify()).ok);
  },
};

/** For ledgers that pass health between processes. */
export const health: LedgerTheme = {
  'hands on what breakers and probes have found, the latest word last': async (bench) => {
    const { read, write } = present(bench.ledger.health, 'health');
    const entry = {
      key: 'acme-1 @ acme/main',
      state: 'open',
      untilMs: bench.clock.now() + 30_000,
      latencyMs: null,
      updatedAtMs: bench.clock.now(),
    } as const;
    write.call(bench.ledger.health, [entry]);
    const closed = { ...entry, state: 'closed', untilMs: null, updatedAtMs: entry.updatedAtMs + 1 } as const;
    write.call(bench.ledger.health, [closed]);
    await bench.ledger.flush();
    deepStrictEqual(await read.call(bench.ledger.health), [closed]);
  },

  'gives out as many places for probes as are asked for, and gives one again that came back': async (bench) => {
    const subject = present(bench.ledger.health, 'health');
    if (subject.claim === undefined) return;
    const claim = (key: string) => present(subject.claim, 'claim').call(subject, key, 2, 60_000);
    const first = await claim('acme-1 @ acme/main');
    const second = await claim('acme-1 @ acme/main');
    ok(first !== null && second !== null, 'both places are given');
    strictEqual(await claim('acme-1 @ acme/main'), null);
    ok((await claim('acme-2 @ acme/main')) !== null, 'another key has places of its own');
    first();
    await bench.ledger.flush();
    ok((await claim('acme-1 @ acme/main')) !== null, 'a place that came back is given again');
    deepStrictEqual(await subject.read(), []);
  },
};
