import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../defaults/memory-limiter.js';
import type { Limiter, Limits } from '../spec/limiter.js';
import { HeadroomCache } from './headroom.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };
const key = 'acme:default@main/acme-1';
const acquire = (limiter: Limiter, limits: Limits) =>
  limiter.acquire(target, { requests: 1, tokens: 10 }, { limits, maxWaitMs: 0, signal: new AbortController().signal });

function setUp(limits: Limits) {
  const clock = { nowMs: 1_000_000 };
  const limiter = memoryLimiter(() => clock.nowMs);
  let peeks = 0;
  let tookMs = 0;
  const counting: Limiter = {
    ...limiter,
    peek: (...asked) => {
      peeks++;
      clock.nowMs += tookMs;
      return limiter.peek(...asked);
    },
  };
  const cache = new HeadroomCache(counting, () => clock.nowMs);
  const look = async () => {
    cache.of(target, key, limits, { input_token: 10 }, clock.nowMs);
    // The limiter in memory answers in the next turn.
    await new Promise(setImmediate);
    return cache.of(target, key, limits, { input_token: 10 }, clock.nowMs);
  };
  const takes = (ms: number) => {
    tookMs = ms;
  };
  return { clock, limiter, cache, look, takes, peeks: () => peeks };
}

describe('what is left of rate limits', () => {
  it('is the free part of the fullest window, and how long the next request would wait', async () => {
    const limits = { rpm: 4, tpm: 1_000 };
    const { clock, limiter, look } = setUp(limits);
    expect(await look()).toEqual({ freeShare: 1, waitMs: 0 });
    for (let call = 0; call < 3; call++) await acquire(limiter, limits);
    clock.nowMs += 1_000;
    expect(await look()).toEqual({ freeShare: 0.25, waitMs: 0 });
    await acquire(limiter, limits);
    clock.nowMs += 1_000;
    expect(await look()).toMatchObject({ freeShare: 0 });
    expect((await look())?.waitMs).toBeGreaterThan(50_000);
  });

  it('is not waited for, and asked for no more than four times a second', async () => {
    const { clock, cache, look, peeks } = setUp({ rpm: 4 });
    expect(cache.of(target, key, { rpm: 4 }, { input_token: 10 }, clock.nowMs)).toBeNull();
    for (let call = 0; call < 10; call++) await look();
    expect(peeks()).toBe(1);
    clock.nowMs += 250;
    await look();
    expect(peeks()).toBe(2);
  });

  it('is asked for more seldom where the answer takes long', async () => {
    const { clock, look, peeks, takes } = setUp({ rpm: 4 });
    takes(20);
    await look();
    clock.nowMs += 900;
    await look();
    expect(peeks()).toBe(1);
    clock.nowMs += 100;
    takes(0);
    await look();
    clock.nowMs += 250;
    await look();
    expect(peeks()).toBe(3);
  });

  it('is asked for a target without limits only when its provider has closed it', async () => {
    const { clock, limiter, cache, look, peeks } = setUp({});
    expect(await look()).toBeNull();
    expect(peeks()).toBe(0);
    limiter.learn(target, { retryAfterMs: 30_000, scope: 'minute' });
    cache.learned(target, { retryAfterMs: 1_000, scope: 'minute' });
    expect((await look())?.waitMs).toBeGreaterThan(29_000);
    clock.nowMs += 31_000;
    expect(await look()).toMatchObject({ waitMs: 0 });
  });

  it('is asked for again after the clock was set back, and soon after it was set forward while the limiter counted', async () => {
    const { clock, limiter, look, peeks, takes } = setUp({ rpm: 1 });
    await acquire(limiter, { rpm: 1 });
    expect(await look()).toMatchObject({ freeShare: 0 });
    clock.nowMs -= 3_600_000;
    await look();
    expect(peeks()).toBe(2);
    clock.nowMs += 250;
    takes(3_600_000);
    await look();
    takes(0);
    clock.nowMs += 60_000;
    expect(await look()).toMatchObject({ freeShare: 1 });
  });

  it('is unknown while the limiter cannot say', async () => {
    const failing = { ...memoryLimiter(), peek: () => Promise.reject(new Error('out of order')) };
    const cache = new HeadroomCache(failing, () => 0);
    expect(cache.of(target, key, { rpm: 1 }, { input_token: 1 }, 0)).toBeNull();
    await new Promise(setImmediate);
    expect(cache.of(target, key, { rpm: 1 }, { input_token: 1 }, 0)).toBeNull();
  });
});
