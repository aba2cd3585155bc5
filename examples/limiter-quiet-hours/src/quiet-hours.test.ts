import { limiterContract } from '@vibe/contract-tests';
import type { Limiter } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import quietHours, { type QuietHoursOptions } from './quiet-hours.js';

const made = (options: QuietHoursOptions, now: () => number) =>
  quietHours(options).create({ now, random: () => 0, warn: () => undefined }) as Limiter;

// No hour is quiet: none is 24 or later.
await limiterContract(
  { describe, it },
  {
    name: 'quiet hours',
    create: async ({ now }) => ({ limiter: made({ from: 24, to: 0 }, now) }),
  },
);

const target = { provider: 'p', profile: 'default', endpoint: 'e', region: 'global', model: 'm' };
const demand = { requests: 1, tokens: 1 };

describe('quiet hours', () => {
  it.each([
    [22, 6, '2026-11-22T21:59:00Z', 0],
    [22, 6, '2026-11-22T22:00:00Z', 8 * 60],
    [22, 6, '2026-11-23T05:30:00Z', 30],
    [22, 6, '2026-11-23T06:00:00Z', 0],
    [9, 17, '2026-11-22T16:59:00Z', 1],
    [0, 0, '2026-11-22T12:00:00Z', 12 * 60],
  ])('from %i to %i: at %s it stays quiet for %i minutes', async (from, to, time, minutes) => {
    const limiter = made({ from, to }, () => Date.parse(time));
    expect((await limiter.peek(target)).nextFreeInMs).toBe(minutes * 60_000);
    const permit = limiter.acquire(target, demand, { limits: {}, maxWaitMs: 0, signal: new AbortController().signal });
    if (minutes === 0) (await permit).release();
    else await expect(permit).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: minutes * 60_000 });
  });

  it('are those of their time zone', async () => {
    const quietIn = (timezone: string, time: string) => made({ from: 22, to: 6, timezone }, () => Date.parse(time));
    const limiter = quietIn('Asia/Shanghai', '2026-11-22T15:00:00Z');
    expect((await limiter.peek(target)).nextFreeInMs).toBe(7 * 3_600_000);
    const kolkata = quietIn('Asia/Kolkata', '2026-11-22T16:45:30Z'); // 22:15:30 there
    expect((await kolkata.peek(target)).nextFreeInMs).toBe(7 * 3_600_000 + 44 * 60_000 + 30_000);
  });
});
