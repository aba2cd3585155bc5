import { describe, expect, it } from 'vitest';
import {
  attempt,
  cent,
  costing,
  dayBudget,
  holdRequest,
  leaseClock,
  look,
  moneyOf,
  openLedger,
  settlement,
  usd,
} from '../../test/fixture.js';

/** The process of the first ledger ends without settling its calls. */
async function orphaned(strict: boolean) {
  const clock = leaseClock();
  const seams = { clockAheadMs: clock.clockAheadMs };
  const first = openLedger({ seams });
  const request = holdRequest({ strict, leaseMs: 30_000 });
  await first.hold(request);
  await first.close();
  const second = openLedger({ path: first.path, seams });
  return { clock, request, second };
}

const rowOf = (path: string) =>
  look(path, (db) =>
    db
      .prepare(
        'SELECT status, attempt, usage_unknown, usage_json, cost_actual_nano, charged_nano, last, tags_json, model FROM attempt',
      )
      .all(),
  );

describe('an orphaned hold', () => {
  it('stays held until its lease ends', async () => {
    const { clock, second } = await orphaned(true);
    clock.advance(29_000);
    await second.hold(holdRequest());
    expect(await moneyOf(second)).toEqual([0, 2 * cent]);
  });

  it('does not outlive its lease because the clock was set back', async () => {
    const { clock, request, second } = await orphaned(false);
    clock.advance(-86_400_000);
    // A short lease has the writer look after all of them soon.
    const short = holdRequest({ leaseMs: 300 });
    await second.hold(short);
    const expiry = (callId: string) =>
      look(second.path, (db) => db.prepare('SELECT expires_at_ms FROM hold WHERE call_id = ?').pluck().get(callId));
    await expect.poll(() => Number(expiry(request.callId)) < Date.now(), { timeout: 20_000 }).toBe(true);
    clock.advance(31_000);
    await second.hold(holdRequest());
    expect(expiry(request.callId)).toBeUndefined();
    expect(await second.admin?.verify()).toMatchObject({ ok: true });
  });

  it('counts as spent at the held amount in strict mode, usage unknown', async () => {
    const { clock, second } = await orphaned(true);
    clock.advance(31_000);
    await second.hold(holdRequest());
    expect(await moneyOf(second)).toEqual([cent, cent]);
    expect(rowOf(second.path)).toEqual([
      {
        status: 'expired',
        attempt: 0,
        usage_unknown: 1,
        usage_json: '{"input_token":100,"output_token":50}',
        cost_actual_nano: cent,
        charged_nano: cent,
        last: 1,
        tags_json: '{"user":"alice"}',
        model: 'qwen-plus',
      },
    ]);
    expect((await second.report({ by: 'status' })).rows).toMatchObject([
      { key: 'expired', calls: 1, attempts: 0, expired: 1, costNanoUsd: cent, usageUnknown: 1 },
    ]);
    expect(await second.admin?.verify()).toMatchObject({ ok: true, openHolds: 1 });
  });

  it('is seen as ended by who only reads', async () => {
    const { clock, request, second } = await orphaned(true);
    clock.advance(31_000);
    const [gauge] = await second.budgets({ budgets: request.budgets });
    expect([gauge?.spentNanoUsd, gauge?.heldNanoUsd]).toEqual([cent, 0]);
    expect(await second.admin?.holds()).toEqual([]);
    expect((await second.report({})).totals).toMatchObject({ expired: 1, costNanoUsd: cent });
  });

  it('is released in best effort, and its cost stays unknown', async () => {
    const { clock, second } = await orphaned(false);
    clock.advance(31_000);
    await second.hold(holdRequest());
    expect(await moneyOf(second)).toEqual([0, cent]);
    expect(rowOf(second.path)).toMatchObject([
      { status: 'expired', usage_unknown: 1, usage_json: null, cost_actual_nano: null, charged_nano: 0 },
    ]);
    expect((await second.report({})).totals).toMatchObject({ unpriced: 1, costNanoUsd: 0 });
    expect(await second.admin?.verify()).toMatchObject({ ok: true });
  });

  it('never refuses a new call: it is ended before the call is judged', async () => {
    const clock = leaseClock();
    const seams = { clockAheadMs: clock.clockAheadMs };
    const budgets = [dayBudget({ mode: 'best_effort' })];
    const first = openLedger({ seams });
    await first.hold(holdRequest({ strict: false, amountNanoUsd: usd, budgets, leaseMs: 1_000 }));
    await first.close();
    clock.advance(1_001);
    await openLedger({ path: first.path, seams }).hold(holdRequest({ amountNanoUsd: usd, budgets }));
  });

  it('is found by an idle process after a while', async () => {
    const { clock, second } = await orphaned(true);
    // A hold with a short lease makes the writer look after leases often.
    const short = holdRequest({ leaseMs: 100 });
    await second.hold(short);
    await second.settle(short.callId, costing(0));
    clock.advance(31_000);
    await expect.poll(() => moneyOf(second), { timeout: 20_000 }).toEqual([cent, 0]);
  });
});

describe('a late settlement', () => {
  it.each([
    { strict: true, spentBefore: cent },
    { strict: false, spentBefore: 0 },
  ])('replaces what the expiry has booked, once (strict: $strict)', async ({ strict, spentBefore }) => {
    const { clock, request, second } = await orphaned(strict);
    clock.advance(31_000);
    await second.hold(holdRequest());
    expect((await moneyOf(second))[0]).toBe(spentBefore);
    for (let time = 0; time < 2; time++) await second.settle(request.callId, costing(3 * cent));
    expect(await moneyOf(second)).toEqual([3 * cent, cent]);
    expect(rowOf(second.path)).toMatchObject([
      { status: 'ok', attempt: 1, cost_actual_nano: 3 * cent, charged_nano: 3 * cent },
    ]);
    expect((await second.report({})).totals).toMatchObject({
      calls: 1,
      expired: 0,
      ok: 1,
      costNanoUsd: 3 * cent,
      usageUnknown: 0,
    });
    expect(look(second.path, (db) => db.prepare("SELECT amount_nano FROM event WHERE kind = 'overrun'").all())).toEqual(
      [{ amount_nano: 2 * cent }],
    );
    expect(await second.admin?.verify()).toMatchObject({ ok: true });
  });

  it('replaces corrections of the booking as well', async () => {
    const { clock, request, second } = await orphaned(true);
    clock.advance(31_000);
    await second.hold(holdRequest());
    await second.admin?.correct(request.callId, { deltaNanoUsd: -cent / 2, reason: 'it was half of that' });
    await second.settle(request.callId, costing(cent / 4));
    expect(await moneyOf(second)).toEqual([cent / 4, cent]);
    expect((await second.report({})).totals.costNanoUsd).toBe(cent / 4);
    expect(await second.admin?.verify()).toMatchObject({ ok: true });
  });

  it('of unknown cost knows no better than the booking', async () => {
    const { clock, request, second } = await orphaned(true);
    clock.advance(31_000);
    await second.hold(holdRequest());
    await second.settle(request.callId, settlement({ attempts: [attempt({ actualNanoUsd: null, lines: [] })] }));
    expect(await moneyOf(second)).toEqual([cent, cent]);
    expect(await second.admin?.verify()).toMatchObject({ ok: true });
  });
});

describe('the lease of a living process', () => {
  it('is renewed, so that a long call keeps its hold', async () => {
    const clock = leaseClock();
    const seams = { clockAheadMs: clock.clockAheadMs };
    const first = openLedger({ seams });
    const request = holdRequest({ leaseMs: 300 });
    await first.hold(request);
    const expiry = () => look(first.path, (db) => db.prepare('SELECT expires_at_ms FROM hold').pluck().get() as number);
    const before = expiry();
    await expect.poll(expiry, { timeout: 20_000 }).toBeGreaterThan(before + 300);
    await first.settle(request.callId, costing(cent));
    expect(await moneyOf(first)).toEqual([cent, 0]);
  });

  it('is what holdLeaseMs says when it is set', async () => {
    const ledger = openLedger({ holdLeaseMs: 5_000 });
    await ledger.hold(holdRequest({ leaseMs: 60_000 }));
    expect(look(ledger.path, (db) => db.prepare('SELECT lease_ms FROM hold').pluck().get())).toBe(5_000);
  });
});
