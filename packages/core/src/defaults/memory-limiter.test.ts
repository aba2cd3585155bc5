import { describe, expect, it } from 'vitest';
import { VibeError } from '../errors/vibe-error.js';
import type { AcquireOptions, Limits } from '../spec/limiter.js';
import { memoryLimiter } from './memory-limiter.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };
const one = { requests: 1, tokens: 10 };

function at(startMs = 0) {
  const clock = { nowMs: startMs };
  const limiter = memoryLimiter(() => clock.nowMs);
  const acquire = (limits: Limits, options: Partial<AcquireOptions> = {}, demand = one) =>
    limiter.acquire(target, demand, { limits, maxWaitMs: 0, signal: new AbortController().signal, ...options });
  const outcome = (limits: Limits, options?: Partial<AcquireOptions>, demand = one) =>
    acquire(limits, options, demand).then(
      () => 'admitted',
      (error: VibeError) => [error.code, error.retryAfterMs],
    );
  return { clock, limiter, acquire, outcome };
}

describe('the memory limiter', () => {
  it('admits what fits into the last minute and says when the next one does', async () => {
    const { clock, outcome } = at();
    expect(await outcome({ rpm: 2 })).toBe('admitted');
    clock.nowMs = 30_000;
    expect(await outcome({ rpm: 2 })).toBe('admitted');
    expect(await outcome({ rpm: 2 })).toEqual(['rate_limited', 30_000]);
    clock.nowMs = 60_000;
    expect(await outcome({ rpm: 2 })).toBe('admitted');
    expect(await outcome({ rpm: 2 })).toEqual(['rate_limited', 30_000]);
  });

  it('refuses at once what can never fit', async () => {
    const error = await at()
      .acquire({ tpm: 5 }, { maxWaitMs: 1e9 })
      .catch((thrown: unknown) => thrown);
    expect(VibeError.is(error, 'rate_limited')).toBe(true);
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('larger than the whole limit') });
  });

  it('reserves tokens with the estimate and corrects them with the usage', async () => {
    const { acquire, outcome } = at();
    const permit = await acquire({ tpm: 20 }, {}, { requests: 1, tokens: 20 });
    expect(await outcome({ tpm: 20 })).toEqual(['rate_limited', 60_000]);
    permit.correct(10);
    expect(await outcome({ tpm: 20 })).toBe('admitted');
  });

  it('gives back what was never dispatched, and only that', async () => {
    const { acquire, outcome } = at();
    (await acquire({ rpm: 1 })).release();
    const sent = await acquire({ rpm: 1 });
    sent.correct(3);
    sent.release();
    sent.release({ dispatched: false });
    expect(await outcome({ rpm: 1 })).toEqual(['rate_limited', 60_000]);
  });

  it('counts days in the given zone', async () => {
    const { clock, outcome } = at(Date.parse('2026-11-22T07:59:00Z'));
    const limits = { rpd: 1, rpdTimezone: 'America/Los_Angeles' };
    expect(await outcome(limits)).toBe('admitted');
    expect(await outcome(limits)).toEqual(['rate_limited', 60_000]);
    clock.nowMs += 60_000;
    expect(await outcome(limits)).toBe('admitted');
  });

  it('passes a concurrency slot on in the order of the queue', async () => {
    const { acquire } = at();
    const limits = { concurrency: 1 };
    const order: string[] = [];
    const first = await acquire(limits);
    const waiting = ['a', 'b'].map(async (name) => {
      const permit = await acquire(limits, { maxWaitMs: 10_000 });
      order.push(name);
      permit.release();
    });
    first.release({ dispatched: true });
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b']);
  });

  it('leaves no trace of a wait that was aborted', async () => {
    const { clock, limiter, acquire } = at();
    await acquire({ rpm: 1 });
    const controller = new AbortController();
    const waiting = acquire(
      { rpm: 1 },
      { maxWaitMs: 100_000, signal: controller.signal, onWait: () => controller.abort() },
    );
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(await limiter.peek(target, { limits: { rpm: 1 }, demand: one })).toMatchObject({
      requestsInMinute: 1,
      waiting: 0,
      nextFreeInMs: 60_000,
    });
    clock.nowMs = 60_000;
    expect(await limiter.peek(target, { limits: { rpm: 1 }, demand: one })).toMatchObject({ nextFreeInMs: 0 });
  });

  it('closes a target for as long as its provider asked', async () => {
    const { clock, limiter, outcome } = at();
    limiter.learn(target, { retryAfterMs: 5_000, scope: 'minute' });
    expect(await outcome({})).toEqual(['rate_limited', 5_000]);
    clock.nowMs = 5_000;
    expect(await outcome({})).toBe('admitted');
  });
});
