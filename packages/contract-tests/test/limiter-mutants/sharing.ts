import { type Limiter, type MemoryLimiter, memoryLimiter, VibeError } from '@vibe/core';
import { sharedSubject } from '../shared-limiter.js';
import { type LimiterMutant, type LimiterMutants, maxWaiting } from './mutant.js';

/** Limiters on one store, the second of which is changed. */
const sharing = (caughtBy: string, change: (limiter: MemoryLimiter, now: () => number) => Limiter): LimiterMutant => ({
  caughtBy,
  create: ({ now }) => {
    const limiter = memoryLimiter(now, { maxWaiting });
    const subject = sharedSubject(limiter);
    return { ...subject, another: async () => change(limiter, now) };
  },
});

/** Wrong where several of them have one store. */
export const sharingMutants: LimiterMutants = {
  'counts for every process alone': sharing('counts requests, tokens and days over all of them', (_, now) =>
    memoryLimiter(now),
  ),
  'lets other processes pass those who wait': sharing(
    'has one line: first come first served, wherever they wait',
    (limiter) => ({
      ...limiter,
      async acquire(asked, demand, options) {
        options.onWait?.(options.maxWaitMs, 1);
        for (;;) {
          try {
            return await limiter.acquire(asked, demand, { ...options, maxWaitMs: 0 });
          } catch (error) {
            if (!VibeError.is(error, 'rate_limited')) throw error;
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
        }
      },
      close: async () => undefined,
    }),
  ),
  'tells nobody what a 429 taught': sharing('tells all of them what a 429 taught one', (limiter) => ({
    ...limiter,
    acquire: async (asked, demand, { limits }) => limiter.record(asked, demand, limits),
    close: async () => undefined,
  })),
  'shows only what it uses itself': sharing('shows what all of them use', (limiter, now) => ({
    ...limiter,
    peek: memoryLimiter(now).peek,
    close: async () => undefined,
  })),
  'keeps the slots of who was closed': sharing('gives back the slots of a limiter that is closed', (limiter) => ({
    ...limiter,
    close: async () => undefined,
  })),
};
