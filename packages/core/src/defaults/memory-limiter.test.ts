import { describe, expect, it } from 'vitest';
import { VibeError } from '../errors/vibe-error.js';
import type { AcquireOptions, Limits, Permit } from '../spec/limiter.js';
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
    expect(error).toMatchObject({
      retryable: false,
      message:
        'The request asks for 10 tokens, which is larger than the whole limit tpm of acme-1 @ acme/main: no wait would help. Nothing was sent.',
      next: ['Send less, or raise tpm in `limits`.'],
    });
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

  it.each([
    ['a minute', { retryAfterMs: null, scope: 'minute' }, 1_000],
    ['nobody knows', { retryAfterMs: null, scope: 'unknown' }, 1_000],
    ['a day', { retryAfterMs: null, scope: 'day' }, 16 * 3_600_000],
    ['a day, somewhere else', { retryAfterMs: null, scope: 'day', timezone: 'America/Los_Angeles' }, 24 * 3_600_000],
    ['a day, with a hint', { retryAfterMs: 30_000, scope: 'day' }, 30_000],
    ['ever', { retryAfterMs: 1e12, scope: 'minute' }, 25 * 3_600_000],
    ['a time that is none', { retryAfterMs: Number.NaN, scope: 'minute' }, 1_000],
  ] as const)('closes a target after a 429 for %s until the provider opens it', async (_, hint, closedMs) => {
    const { limiter, outcome } = at(Date.parse('2026-11-22T08:00:00Z'));
    limiter.learn(target, hint);
    expect(await outcome({})).toEqual(['rate_limited', closedMs]);
  });

  it('says why a call is refused and what to do', async () => {
    const { limiter, acquire } = at();
    const refusal = (limits: Limits, options?: Partial<AcquireOptions>) =>
      acquire(limits, options).then(
        () => null,
        ({ message, next, details }: VibeError) => ({ message, next, why: details['why'] }),
      );
    await acquire({});
    expect(await refusal({ rpm: 1 }, { maxWaitMs: 5 })).toEqual({
      message:
        'The rate limit of acme-1 @ acme/main leaves no room: the next free slot is in 60000 ms, this call may wait 5 ms. Nothing was sent.',
      next: ['Raise maxWaitMs (and retry.budgetMs, if it is set), or allow another model or endpoint.'],
      why: 'late',
    });
    expect(await refusal({ concurrency: 1 })).toMatchObject({
      message:
        'All 1 concurrent requests of acme-1 @ acme/main are taken and none ended within 0 ms. Nothing was sent.',
      why: 'slots',
    });
    limiter.learn(target, { retryAfterMs: 700, scope: 'minute' });
    expect(await refusal({}, { maxWaitMs: 5 })).toMatchObject({
      message:
        'acme-1 @ acme/main is closed after a 429 of its provider: the next free slot is in 700 ms, this call may wait 5 ms. Nothing was sent.',
    });
  });

  it('keeps one timer for a target, however many wait, and none when nobody does', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { limiter, acquire } = at();
    await acquire({ rpm: 1 });
    const line = Array.from({ length: 50 }, () => acquire({ rpm: 1 }, { maxWaitMs: 1e9 }));
    expect(timers()).toBe(before + 1);
    const ended = Promise.allSettled(line);
    await limiter.close();
    expect(timers()).toBe(before);
    expect((await ended).map(({ status }) => status)).toEqual(line.map(() => 'rejected'));
    await expect(acquire({})).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('lets the line move up at once when a request used less than it was estimated for', async () => {
    const { acquire } = at();
    const limits = { tpm: 10 };
    const waits: number[] = [];
    const first = await acquire(limits);
    const second = acquire(
      limits,
      { maxWaitMs: 1e6, onWait: (waitMs) => waits.push(waitMs) },
      { requests: 1, tokens: 7 },
    );
    first.correct(3);
    expect((await second).waitedMs).toBe(0);
    expect(waits).toEqual([60_000]);
  });

  it('is not broken by a listener that throws', async () => {
    const { limiter, acquire } = at();
    await acquire({ rpm: 1 });
    const onWait = () => {
      throw new Error('listener');
    };
    await expect(acquire({ rpm: 1 }, { maxWaitMs: 1e6, onWait })).rejects.toThrow('listener');
    expect(await limiter.peek(target)).toMatchObject({ waiting: 0 });
  });

  it('counts what was let go elsewhere', async () => {
    const { limiter, outcome } = at();
    const limits = { rpm: 1, concurrency: 1 };
    const permit: Permit = limiter.record(target, one, limits);
    expect(await outcome(limits)).toEqual(['rate_limited', 60_000]);
    permit.release({ dispatched: false });
    expect(await outcome(limits)).toBe('admitted');
  });
});
