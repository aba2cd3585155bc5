import { type Limiter, type MemoryLimiter, memoryLimiter } from '@vibe/core';
import type { LimiterEnvironment, LimiterSubject } from '../../src/index.js';

/** A limiter that is wrong on purpose. */
export interface LimiterMutant {
  /** The test that must catch it. */
  readonly caughtBy: string;
  readonly create: (environment: LimiterEnvironment) => LimiterSubject;
}

/** As many as the suite is told that may wait. */
export const maxWaiting = 20;

/** Changes some methods of a right limiter. */
export const changed = (
  caughtBy: string,
  change: (limiter: MemoryLimiter, now: () => number) => Partial<Limiter>,
): LimiterMutant => ({
  caughtBy,
  create: ({ now }) => {
    const limiter = memoryLimiter(now, { maxWaiting });
    return { limiter: { ...limiter, ...change(limiter, now) } };
  },
});

export type LimiterMutants = Readonly<Record<string, LimiterMutant>>;
