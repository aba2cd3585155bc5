import { describe, expect, it } from 'vitest';
import {
  cent,
  costing,
  dayBudget,
  holdRequest,
  leaseClock,
  lock,
  moneyOf,
  openLedger,
  type TestSettings,
  tamper,
  usd,
} from '../../test/fixture.js';

const budgets = [dayBudget({ mode: 'best_effort' })];
const request = (change = {}) => holdRequest({ strict: false, budgets, ...change });
const blockedFile = (path: string) =>
  tamper(path, "CREATE TRIGGER broken BEFORE INSERT ON event BEGIN SELECT raise(FAIL, 'broken'); END");

describe('a best-effort hold', () => {
  it('refuses what does not fit the view of this process', async () => {
    const ledger = openLedger();
    const results = await Promise.allSettled(Array.from({ length: 150 }, () => ledger.hold(request())));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'budget_exceeded', details: { held: usd, asked: cent, origin: 'test' } },
    });
    expect(await moneyOf(ledger)).toEqual([0, usd]);
  });

  it('keeps its idempotency key also when it could not be recorded itself', async () => {
    const ledger = openLedger({ seams: { lockDeadlineMs: 50 } });
    await ledger.hold(request());
    await ledger.flush();
    const { unlock } = lock(ledger.path);
    const first = request({ idempotencyKey: 'order-7' });
    expect(await ledger.hold(first)).toMatchObject({ unrecorded: true });
    unlock();
    await ledger.settle(first.callId, costing(cent));
    for (const other of [ledger, openLedger({ path: ledger.path })]) {
      await expect(other.hold(request({ idempotencyKey: 'order-7' }))).rejects.toMatchObject({
        code: 'invalid_request',
        details: { firstCallId: first.callId },
      });
    }
    expect(await moneyOf(ledger)).toEqual([cent, cent]);
    await ledger.admin.rebuild();
    await expect(ledger.hold(request({ idempotencyKey: 'order-7' }))).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('sees the money of other processes when its view is renewed', async () => {
    const other = openLedger();
    const ledger = openLedger({ path: other.path, seams: { viewMaxAgeMs: 0 } });
    await ledger.hold(request());
    const theirs = holdRequest({ amountNanoUsd: usd - 2 * cent });
    await other.hold(theirs);
    await ledger.hold(request());
    await expect(ledger.hold(request())).rejects.toMatchObject({ details: { held: usd } });
    await other.settle(theirs.callId, costing(0));
    await ledger.hold(request());
  });

  it('asks for more by a view of this moment, not by that of its hold', async () => {
    const other = openLedger();
    const ledger = openLedger({ path: other.path, seams: { viewMaxAgeMs: 0 } });
    const call = request();
    await ledger.hold(call);
    await ledger.flush();
    await other.hold(holdRequest({ amountNanoUsd: usd - cent }));
    await expect(ledger.extend(call.callId, 2 * cent)).rejects.toMatchObject({ code: 'budget_exceeded' });
    expect(await moneyOf(ledger)).toEqual([0, usd]);
  });

  it('has room again for what was settled, without waiting for the file', async () => {
    const ledger = openLedger({ seams: { viewMaxAgeMs: 3_600_000 } });
    for (let call = 0; call < 10; call++) {
      const all = request({ amountNanoUsd: usd });
      await ledger.hold(all);
      await expect(ledger.hold(request())).rejects.toMatchObject({ code: 'budget_exceeded' });
      await ledger.settle(all.callId, costing(0));
    }
    const half = request();
    await ledger.hold(half);
    await ledger.settle(half.callId, costing(usd / 2));
    await expect(ledger.hold(request({ amountNanoUsd: usd / 2 + 1 }))).rejects.toMatchObject({
      details: { spent: usd / 2 },
    });
    expect(await moneyOf(ledger)).toEqual([usd / 2, 0]);
  });

  it('is in the file by the time others ask', async () => {
    const ledger = openLedger();
    await ledger.hold(request());
    expect(await moneyOf(ledger)).toEqual([0, cent]);
  });

  it('tells each threshold once', async () => {
    const first = openLedger({ seams: { viewMaxAgeMs: 0 } });
    const second = openLedger({ path: first.path, seams: { viewMaxAgeMs: 0 } });
    const watched = [dayBudget({ mode: 'best_effort', warnAt: [0.5, 0.8] })];
    const crossed: number[] = [];
    for (let call = 0; call < 10; call++) {
      const hold = await (call % 2 === 0 ? first : second).hold(request({ amountNanoUsd: usd / 10, budgets: watched }));
      crossed.push(...hold.crossings.map(({ threshold }) => threshold));
    }
    expect(crossed).toEqual([0.5, 0.8]);
  });

  it('grows by an extension that the view allows', async () => {
    const ledger = openLedger();
    const call = request();
    await ledger.hold(call);
    await ledger.extend(call.callId, usd);
    await expect(ledger.hold(request())).rejects.toMatchObject({ details: { held: usd } });
    expect(await moneyOf(ledger)).toEqual([0, usd]);
    await ledger.settle(call.callId, costing(cent));
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });
});

describe('best effort without its ledger', () => {
  /** A file that can be read but takes no event. */
  async function broken(settings: TestSettings = {}) {
    const ledger = openLedger({ ...settings, seams: { viewMaxAgeMs: 3_600_000 } });
    await ledger.hold(request({ amountNanoUsd: 0 }));
    await ledger.flush();
    blockedFile(ledger.path);
    return ledger;
  }

  it('lets calls go, warns and counts', async () => {
    const folderInTheWay = openLedger({ path: '/dev/null/ledger.db' });
    const hold = await folderInTheWay.hold(request());
    expect(hold).toMatchObject({ unrecorded: true, crossings: [] });
    expect(folderInTheWay.warnings).toMatchObject([{ code: 'ledger_unavailable' }]);
    await expect.poll(() => folderInTheWay.counters().unrecordedHolds).toBe(1);
    expect(folderInTheWay.warnings[0]?.message).toMatch(/\/dev\/null\/ledger\.db cannot be used/);
  });

  it('still keeps to the budget as far as it knows', async () => {
    const ledger = openLedger({ path: '/dev/null/ledger.db' });
    for (let call = 0; call < 2; call++) await ledger.hold(request({ amountNanoUsd: usd / 2 }));
    await expect(ledger.hold(request())).rejects.toMatchObject({ code: 'budget_exceeded' });
  });

  it('charges an unrecorded hold with its settlement, once the ledger is back', async () => {
    const ledger = await broken();
    const call = request();
    await ledger.hold(call);
    await expect.poll(() => ledger.counters().unrecordedHolds).toBe(1);
    tamper(ledger.path, 'DROP TRIGGER broken');
    await ledger.settle(call.callId, costing(cent / 2));
    expect(await moneyOf(ledger)).toEqual([cent / 2, 0]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
    await expect(ledger.hold(request({ amountNanoUsd: usd - cent / 2 + 1 }))).rejects.toMatchObject({
      details: { spent: cent / 2, held: 0 },
    });
  });

  it('does not let a strict budget join a hold that was never recorded', async () => {
    const ledger = await broken();
    const call = request();
    await ledger.hold(call);
    await expect.poll(() => ledger.counters().unrecordedHolds).toBe(1);
    tamper(ledger.path, 'DROP TRIGGER broken');
    const also = { budgets: [dayBudget({ scope: 'model=qwen-max' })], strict: true };
    await expect(ledger.extend(call.callId, 2 * cent, also)).rejects.toMatchObject({ code: 'ledger_unavailable' });
    await ledger.settle(call.callId, costing(cent));
    expect(await moneyOf(ledger)).toEqual([cent, 0]);
    await expect(ledger.hold(request({ amountNanoUsd: usd - cent + 1 }))).rejects.toMatchObject({
      details: { spent: cent, held: 0 },
    });
  });

  it('goes on after a short wait when the queue is full, and says so', async () => {
    const ledger = openLedger({ seams: { queueCapacity: 1, viewMaxAgeMs: 3_600_000, lockDeadlineMs: 60_000 } });
    await ledger.hold(request({ amountNanoUsd: 0 }));
    await ledger.flush();
    const { unlock } = lock(ledger.path);
    await ledger.hold(request());
    expect(await ledger.hold(request())).toMatchObject({ unrecorded: true });
    expect(ledger.counters()).toMatchObject({ queueFull: 1, unrecordedHolds: 1 });
    unlock();
    await ledger.flush();
    expect(await moneyOf(ledger)).toEqual([0, cent]);
  });
});

describe('a settlement that cannot be written', () => {
  it('is kept and written as soon as the ledger is back', async () => {
    const ledger = openLedger({ seams: { lockDeadlineMs: 50 } });
    const call = holdRequest();
    await ledger.hold(call);
    const { unlock } = lock(ledger.path);
    await expect(ledger.settle(call.callId, costing(cent / 2))).rejects.toMatchObject({
      code: 'ledger_unavailable',
      message: /locked/,
    });
    expect(ledger.counters().overdueSettlements).toBe(1);
    await expect(ledger.flush()).rejects.toMatchObject({ message: /1 settled calls are not written yet/ });
    unlock();
    await ledger.flush();
    expect(ledger.counters().overdueSettlements).toBe(0);
    expect(await moneyOf(ledger)).toEqual([cent / 2, 0]);
  });
});

describe('a view', () => {
  it('follows leases that end in the file', async () => {
    const clock = leaseClock();
    const seams = { clockAheadMs: clock.clockAheadMs, viewMaxAgeMs: 0 };
    const dead = openLedger({ seams });
    await dead.hold(request({ amountNanoUsd: usd, leaseMs: 1_000 }));
    await dead.close();
    const ledger = openLedger({ path: dead.path, seams });
    await expect(ledger.hold(request())).rejects.toMatchObject({ code: 'budget_exceeded' });
    clock.advance(1_001);
    await ledger.hold(request());
    expect(await moneyOf(ledger)).toEqual([0, cent]);
  });
});
