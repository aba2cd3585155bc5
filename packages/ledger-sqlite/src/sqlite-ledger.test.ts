import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import {
  attempt,
  cent,
  costing,
  dayBudget,
  holdRequest,
  look,
  moneyOf,
  openLedger,
  settlement,
  target,
  temporaryFolder,
  usd,
  writerUrl,
} from '../test/fixture.js';

describe('a strict hold', () => {
  it('is durable, counts as held, and gives way to the actual cost', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    expect(await ledger.hold(request)).toEqual({ callId: request.callId, amountNanoUsd: cent, crossings: [] });
    expect(look(ledger.path, (db) => db.prepare('SELECT call_id, amount_nano, strict FROM hold').all())).toEqual([
      { call_id: request.callId, amount_nano: cent, strict: 1 },
    ]);
    expect(await moneyOf(ledger)).toEqual([0, cent]);
    await ledger.settle(request.callId, costing(cent / 4));
    expect(await moneyOf(ledger)).toEqual([cent / 4, 0]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, events: 2, attempts: 1, openHolds: 0 });
  });

  it('names the budget that refuses, with all its numbers', async () => {
    const ledger = openLedger();
    const now = Date.parse('2026-11-22T10:00:00Z');
    const small = dayBudget({
      id: 'small',
      scope: 'tag.user=alice',
      limitNanoUsd: 3 * cent,
      origin: 'vibe.config.yaml:7',
    });
    const budgets = [dayBudget(), small];
    const clocked = openLedger({ path: ledger.path, now: () => now });
    await clocked.hold(holdRequest({ amountNanoUsd: cent, budgets }));
    const spent = holdRequest({ amountNanoUsd: cent, budgets });
    await clocked.hold(spent);
    await clocked.settle(spent.callId, costing(cent));
    const refused = await clocked
      .hold(holdRequest({ amountNanoUsd: 2 * cent, budgets }))
      .catch((error: unknown) => error);
    expect(VibeError.is(refused, 'budget_exceeded')).toBe(true);
    expect((refused as VibeError).details).toMatchObject({
      budget: { id: 'small', origin: 'vibe.config.yaml:7' },
      scope: 'tag.user=alice',
      spent: cent,
      held: cent,
      asked: 2 * cent,
      limit: 3 * cent,
      shortfall: cent,
      resetsAt: '2026-11-23T00:00:00.000Z',
    });
  });

  it('charges all budgets or none', async () => {
    const ledger = openLedger();
    const small = dayBudget({ id: 'small', scope: 'model=x', limitNanoUsd: 0 });
    await expect(ledger.hold(holdRequest({ budgets: [dayBudget(), small] }))).rejects.toMatchObject({
      code: 'budget_exceeded',
    });
    expect(await moneyOf(ledger)).toEqual([0, 0]);
    expect(look(ledger.path, (db) => db.prepare('SELECT count(*) AS n FROM event').get())).toEqual({ n: 0 });
  });

  it('admits exactly what a budget affords of 1,000 concurrent calls, and never more at any moment', async () => {
    const ledger = openLedger();
    let admitted = 0;
    let refused = 0;
    let watching = true;
    let most = 0;
    const watch = (async () => {
      while (watching) {
        const [spent, held] = await moneyOf(ledger);
        most = Math.max(most, spent + held);
      }
    })();
    const calls = Array.from({ length: 1000 }, async () => {
      const request = holdRequest();
      try {
        await ledger.hold(request);
      } catch (error) {
        expect(VibeError.is(error, 'budget_exceeded')).toBe(true);
        refused += 1;
        return null;
      }
      admitted += 1;
      return request.callId;
    });
    const open = (await Promise.all(calls)).filter((callId) => callId !== null);
    expect([admitted, refused]).toEqual([100, 900]);
    expect(await moneyOf(ledger)).toEqual([0, usd]);
    await Promise.all(open.map((callId) => ledger.settle(callId, costing(cent))));
    watching = false;
    await watch;
    expect(most).toBeLessThanOrEqual(usd);
    expect(await moneyOf(ledger)).toEqual([usd, 0]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true, openHolds: 0, attempts: 100 });
  });

  it('is a no-op when it is repeated, also when the budget is full by then', async () => {
    const ledger = openLedger();
    const request = holdRequest({ amountNanoUsd: usd });
    await ledger.hold(request);
    expect(await ledger.hold(request)).toMatchObject({ amountNanoUsd: usd });
    expect(await openLedger({ path: ledger.path }).hold(request)).toMatchObject({ amountNanoUsd: usd });
    expect(await moneyOf(ledger)).toEqual([0, usd]);
  });

  it('counts a window once when two budgets count the same money', async () => {
    const ledger = openLedger();
    const request = holdRequest({
      budgets: [dayBudget(), dayBudget({ id: 'shadow', limitNanoUsd: 2 * usd, shadow: true })],
    });
    await ledger.hold(request);
    expect(await moneyOf(ledger)).toEqual([0, cent]);
    await ledger.settle(request.callId, costing(cent));
    expect(await moneyOf(ledger)).toEqual([cent, 0]);
  });

  it('bounds single calls without keeping a total', async () => {
    const ledger = openLedger();
    const perCall = dayBudget({ id: 'call', window: 'call', limitNanoUsd: 2 * cent });
    for (let call = 0; call < 5; call++)
      await ledger.hold(holdRequest({ amountNanoUsd: 2 * cent, budgets: [perCall] }));
    await expect(ledger.hold(holdRequest({ amountNanoUsd: 2 * cent + 1, budgets: [perCall] }))).rejects.toMatchObject({
      details: { asked: 2 * cent + 1, held: 0 },
    });
    expect(look(ledger.path, (db) => db.prepare('SELECT count(*) AS n FROM total').get())).toEqual({ n: 0 });
  });

  it('counts in whole nano-USD up to the largest amount', async () => {
    const ledger = openLedger();
    const huge = Number.MAX_SAFE_INTEGER - 1;
    const request = holdRequest({
      amountNanoUsd: huge,
      budgets: [dayBudget({ limitNanoUsd: Number.MAX_SAFE_INTEGER })],
    });
    await ledger.hold(request);
    await ledger.settle(request.callId, costing(huge));
    expect(await moneyOf(ledger)).toEqual([huge, 0]);
    await expect(ledger.hold(holdRequest({ amountNanoUsd: 0.5 }))).rejects.toMatchObject({ code: 'internal' });
    await expect(ledger.hold(holdRequest({ amountNanoUsd: -1 }))).rejects.toMatchObject({ code: 'internal' });
    await expect(ledger.settle('x', costing(Number.NaN))).rejects.toMatchObject({ code: 'internal' });
  });
});

describe('a ledger that is told of a first call', () => {
  it('starts its thread and makes no file; the first hold finds the thread there', async () => {
    const name = randomUUID();
    const url = pathToFileURL(join(temporaryFolder(), 'writer.mjs'));
    writeFileSync(
      url,
      `await import(${JSON.stringify(writerUrl.href)});
      const channel = new BroadcastChannel(${JSON.stringify(name)});
      channel.postMessage('up');
      channel.close();`,
    );
    const up: unknown[] = [];
    const channel = new BroadcastChannel(name);
    const isUp = new Promise<void>((resolve) => {
      channel.onmessage = (event) => {
        up.push((event as MessageEvent).data);
        resolve();
      };
    });
    const ledger = openLedger({ writerUrl: url });
    ledger.prepare?.();
    ledger.prepare?.();
    await isUp;
    expect(readdirSync(dirname(ledger.path))).toEqual([]);
    await ledger.hold(holdRequest());
    await ledger.close();
    channel.close();
    expect(up).toEqual(['up']);
    expect(look(ledger.path, (db) => db.prepare('SELECT count(*) FROM hold').pluck().get())).toBe(1);
    // Nothing begins any more.
    ledger.prepare?.();
  });

  it('closes when nothing came of it', async () => {
    const ledger = openLedger();
    ledger.prepare?.();
    await ledger.close();
    expect(readdirSync(dirname(ledger.path))).toEqual([]);
  });
});

describe('warnings', () => {
  it('tell each threshold once per window, over all processes', async () => {
    const first = openLedger();
    const second = openLedger({ path: first.path });
    const budgets = [dayBudget({ warnAt: [0.5, 0.8] })];
    const crossed: number[] = [];
    for (let call = 0; call < 10; call++) {
      const hold = await (call % 2 === 0 ? first : second).hold(holdRequest({ amountNanoUsd: usd / 10, budgets }));
      crossed.push(...hold.crossings.map(({ threshold }) => threshold));
    }
    expect(crossed).toEqual([0.5, 0.8]);
  });

  it('of shadow budgets tell that they would have refused, and never refuse', async () => {
    const ledger = openLedger();
    const budgets = [dayBudget({ shadow: true, limitNanoUsd: cent })];
    const holds = [];
    for (let call = 0; call < 4; call++) holds.push(await ledger.hold(holdRequest({ budgets })));
    expect(holds.map(({ crossings }) => crossings.map(({ wouldRefuse }) => wouldRefuse))).toEqual([[], [true], [], []]);
    expect(await moneyOf(ledger)).toEqual([0, 4 * cent]);
  });
});

describe('an idempotency key', () => {
  it('may be used by one call only, in any process, also after it was settled', async () => {
    const first = openLedger();
    const second = openLedger({ path: first.path });
    const request = holdRequest({ idempotencyKey: 'order-7' });
    await first.hold(request);
    await first.hold(request);
    for (const strict of [true, false]) {
      const again = second.hold(holdRequest({ idempotencyKey: 'order-7', strict }));
      await expect(again).rejects.toMatchObject({ code: 'invalid_request', details: { firstCallId: request.callId } });
    }
    await first.settle(request.callId, settlement());
    await expect(second.hold(holdRequest({ idempotencyKey: 'order-7' }))).rejects.toMatchObject({
      code: 'invalid_request',
    });
    expect(await moneyOf(first)).toEqual([cent / 4, 0]);
  });

  it('stays free when its hold was refused', async () => {
    const ledger = openLedger();
    await expect(ledger.hold(holdRequest({ idempotencyKey: 'k', amountNanoUsd: 2 * usd }))).rejects.toMatchObject({
      code: 'budget_exceeded',
    });
    await ledger.hold(holdRequest({ idempotencyKey: 'k' }));
  });
});

describe('an extension', () => {
  it('raises the hold in the windows of the hold, also when a new day has begun', async () => {
    let now = Date.parse('2026-11-22T23:59:00Z');
    const ledger = openLedger({ now: () => now });
    const request = holdRequest();
    await ledger.hold(request);
    now += 120_000;
    await ledger.extend(request.callId, 3 * cent);
    await ledger.extend(request.callId, 3 * cent);
    await ledger.extend(request.callId, 2 * cent);
    expect(await moneyOf(ledger)).toEqual([0, 0]);
    now -= 120_000;
    expect(await moneyOf(ledger)).toEqual([0, 3 * cent]);
    await ledger.settle(request.callId, costing(2 * cent));
    expect(await moneyOf(ledger)).toEqual([2 * cent, 0]);
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });

  it('is refused when it does not fit, and leaves the hold as it was', async () => {
    const ledger = openLedger();
    for (const strict of [true, false]) {
      const request = holdRequest({ strict });
      await ledger.hold(request);
      await expect(ledger.extend(request.callId, 2 * usd)).rejects.toMatchObject({ code: 'budget_exceeded' });
      expect(await moneyOf(ledger)).toEqual([0, cent]);
      await ledger.settle(request.callId, costing(0));
    }
  });

  it('of a call without a hold is an invalid request', async () => {
    await expect(openLedger().extend('nobody', cent)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('a settlement', () => {
  it('counts once, however often and by whichever process it is made', async () => {
    const first = openLedger();
    const second = openLedger({ path: first.path });
    const request = holdRequest();
    await first.hold(request);
    await Promise.all([first.settle(request.callId, settlement()), second.settle(request.callId, settlement())]);
    await second.settle(request.callId, settlement());
    expect(await moneyOf(first)).toEqual([cent / 4, 0]);
    expect(await first.admin?.verify()).toMatchObject({ ok: true, attempts: 1, events: 2 });
  });

  it('by another process writes the tags and the trace of the hold', async () => {
    const first = openLedger();
    const request = holdRequest();
    await first.hold(request);
    const { tags: _tags, traceId: _traceId, ...bare } = settlement();
    await openLedger({ path: first.path }).settle(request.callId, bare);
    expect(look(first.path, (db) => db.prepare('SELECT trace_id, tags_json FROM attempt').get())).toEqual({
      trace_id: 'trace-1',
      tags_json: '{"user":"alice"}',
    });
  });

  it('above the hold is charged in full and told as an overrun', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    await ledger.settle(request.callId, costing(5 * cent));
    expect(await moneyOf(ledger)).toEqual([5 * cent, 0]);
    expect(look(ledger.path, (db) => db.prepare("SELECT amount_nano FROM event WHERE kind = 'overrun'").all())).toEqual(
      [{ amount_nano: 4 * cent }],
    );
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });

  it('of unknown cost charges nothing in best effort and counts as unpriced', async () => {
    const ledger = openLedger();
    const request = holdRequest({ strict: false });
    await ledger.hold(request);
    await ledger.settle(request.callId, costing(null));
    expect(await moneyOf(ledger)).toEqual([0, 0]);
    expect((await ledger.report({})).totals).toMatchObject({ unpriced: 1, costNanoUsd: 0 });
    expect(look(ledger.path, (db) => db.prepare('SELECT cost_actual_nano FROM attempt').pluck().get())).toBeNull();
  });

  it('of unknown cost charges what was held in strict mode and counts as unpriced', async () => {
    const ledger = openLedger();
    const request = holdRequest({ strict: true });
    await ledger.hold(request);
    await ledger.settle(request.callId, costing(null));
    expect(await moneyOf(ledger)).toEqual([cent, 0]);
    expect((await ledger.report({})).totals).toMatchObject({ unpriced: 1, costNanoUsd: cent });
    expect(look(ledger.path, (db) => db.prepare('SELECT cost_actual_nano, charged_nano FROM attempt').get())).toEqual({
      cost_actual_nano: null,
      charged_nano: cent,
    });
  });

  it('charges what is known when the cost of one attempt is not', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    await ledger.settle(
      request.callId,
      settlement({ attempts: [attempt({ actualNanoUsd: null }), attempt({ attempt: 2, actualNanoUsd: cent })] }),
    );
    expect(await moneyOf(ledger)).toEqual([cent, 0]);
    expect((await ledger.report({})).totals).toMatchObject({ calls: 1, attempts: 2, unpriced: 1, costNanoUsd: cent });
  });

  it('writes every column of every attempt', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    const failed = attempt({
      status: 'failed',
      errorCode: 'provider_unavailable',
      errorMessage: 'x'.repeat(2000),
      httpStatus: 503,
      usage: null,
      actualNanoUsd: 0,
      lines: [],
      finishReason: null,
      ttftMs: null,
      startedAtMs: 1_700_000_000_000.7,
      totalMs: 12.6,
    });
    const better = { ...target, model: 'qwen-max' };
    const second = attempt({ attempt: 2, startedAtMs: 1_700_000_001_000 });
    await ledger.settle(request.callId, settlement({ attempts: [failed, second], downgradedFrom: better }));
    const rows = look(ledger.path, (db) => db.prepare('SELECT * FROM attempt ORDER BY attempt').all()) as Record<
      string,
      unknown
    >[];
    expect(rows[0]).toMatchObject({
      attempt: 1,
      ts: 1_700_000_000_000,
      status: 'failed',
      usage_json: null,
      usage_unknown: 0,
      usage_source: null,
      cost_actual_nano: 0,
      ttft_ms: null,
      total_ms: 13,
      error_code: 'provider_unavailable',
      error_message: 'x'.repeat(500),
      http_status: 503,
      price_ids: null,
      last: 0,
    });
    expect(rows[1]).toEqual({
      call_id: request.callId,
      attempt: 2,
      trace_id: 'trace-1',
      ts: 1_700_000_001_000,
      status: 'ok',
      ...target,
      target_id: expect.any(Number),
      served_model: 'qwen-plus-2026-07-28',
      downgraded_from: 'qwen@sg/qwen-max',
      request_id: 'request-1',
      usage_json: '{"input_token":90,"output_token":40}',
      usage_unknown: 0,
      usage_source: 'provider',
      cost_est_nano: cent / 2,
      cost_actual_nano: cent / 4,
      currency: 'CNY',
      fx_rate: 7.1,
      price_ids: 'p/in,p/out',
      ttft_ms: 120,
      total_ms: 800,
      wait_ms: 10,
      retry_ms: 20,
      error_code: null,
      error_message: null,
      finish_reason: 'stop',
      tags_json: '{"user":"alice"}',
      http_status: 200,
      raw_finish_reason: 'stop',
      lines_json: '[["input_token",90,1000000,"p/in"],["output_token",40,1500000,"p/out"]]',
      charged_nano: cent / 4,
      last: 1,
    });
  });

  it('without any attempt writes one row with attempt 0', async () => {
    const ledger = openLedger();
    const request = holdRequest();
    await ledger.hold(request);
    await ledger.settle(
      request.callId,
      settlement({ status: 'cancelled', attempts: [], usage: null, actualNanoUsd: 0, errorCode: 'cancelled' }),
    );
    expect(look(ledger.path, (db) => db.prepare('SELECT * FROM attempt').all())).toMatchObject([
      {
        attempt: 0,
        status: 'cancelled',
        error_code: 'cancelled',
        wait_ms: 10,
        cost_actual_nano: 0,
        usage_json: null,
        usage_unknown: 0,
        model: 'qwen-plus',
      },
    ]);
    expect(await moneyOf(ledger)).toEqual([0, 0]);
  });

  it('of a call that was never held still writes its rows', async () => {
    const ledger = openLedger();
    await ledger.settle('unknown', settlement());
    expect((await ledger.report({})).totals).toMatchObject({ calls: 1, costNanoUsd: cent / 4 });
    expect(await ledger.admin?.verify()).toMatchObject({ ok: true });
  });
});

describe('a blocked call', () => {
  it('leaves one row that rides on the next batch', async () => {
    const ledger = openLedger({ seams: { lazyDelayMs: 3_600_000 } });
    await ledger.hold(holdRequest());
    await ledger.block?.({
      callId: 'blocked-1',
      traceId: 't',
      status: 'blocked',
      errorCode: 'budget_exceeded',
      errorMessage: 'too dear',
      target,
      estimatedNanoUsd: 5,
      tags: {},
      waitMs: 7,
      totalMs: 9,
    });
    const rows = () => look(ledger.path, (db) => db.prepare("SELECT * FROM attempt WHERE call_id = 'blocked-1'").all());
    await expect(ledger.hold(holdRequest({ amountNanoUsd: 2 * usd }))).rejects.toMatchObject({
      code: 'budget_exceeded',
    });
    expect(rows()).toEqual([]);
    await ledger.hold(holdRequest());
    expect(rows()).toMatchObject([
      {
        attempt: 0,
        status: 'blocked',
        error_code: 'budget_exceeded',
        wait_ms: 7,
        total_ms: 9,
        cost_est_nano: 5,
        cost_actual_nano: 0,
        tags_json: null,
        last: 1,
      },
    ]);
    expect((await ledger.report({})).totals).toMatchObject({ calls: 1, attempts: 0, blocked: 1, unpriced: 0 });
  });

  it('is written by flush and seen by reports', async () => {
    const ledger = openLedger({ seams: { lazyDelayMs: 3_600_000 } });
    const block = (callId: string) =>
      ledger.block?.({
        callId,
        traceId: 't',
        status: 'failed',
        errorCode: 'no_route',
        errorMessage: '',
        target: null,
        estimatedNanoUsd: null,
        tags: {},
        waitMs: 0,
        totalMs: 0,
      });
    await block('a');
    await ledger.flush();
    expect(look(ledger.path, (db) => db.prepare('SELECT count(*) FROM attempt').pluck().get())).toBe(1);
    await block('b');
    expect((await ledger.report({ by: 'error' })).rows).toMatchObject([{ key: 'no_route', calls: 2, failed: 2 }]);
  });
});
