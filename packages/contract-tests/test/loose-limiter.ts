import { type AcquireOptions, type LimitDemand, type Limiter, type Target, targetKey, VibeError } from '@vibe/core';

/** What a limiter of the plain kind gets wrong. */
export interface Looseness {
  /** A bucket per minute of the clock, instead of any minute. */
  readonly fixedWindow?: boolean;
  /** What was refused counts as well. */
  readonly countsRefused?: boolean;
}

const minuteMs = 60_000;

/** A small limiter for requests and tokens per minute that never waits, right but for what it is told to get wrong. */
export function looseLimiter(now: () => number, looseness: Looseness): Limiter {
  const logs = new Map<string, { atMs: number; requests: number; tokens: number }[]>();
  const startOf = (atMs: number) =>
    looseness.fixedWindow === true ? Math.floor(atMs / minuteMs) * minuteMs : atMs - minuteMs + 1;
  const usedOf = (target: Target) => {
    const log = (logs.get(targetKey(target)) ?? []).filter(({ atMs }) => atMs >= startOf(now()));
    logs.set(targetKey(target), log);
    return log;
  };
  const sum = (log: readonly { requests: number; tokens: number }[], field: 'requests' | 'tokens') =>
    log.reduce((total, entry) => total + entry[field], 0);
  return {
    kind: 'limiter',
    async acquire(target: Target, demand: LimitDemand, { limits }: AcquireOptions) {
      const log = usedOf(target);
      const entry = { atMs: now(), ...demand };
      const fits =
        sum(log, 'requests') + demand.requests <= (limits.rpm ?? Infinity) &&
        sum(log, 'tokens') + demand.tokens <= (limits.tpm ?? Infinity);
      if (fits || looseness.countsRefused === true) log.push(entry);
      const retryAfterMs = (log[0]?.atMs ?? now()) + minuteMs - now();
      if (!fits) throw new VibeError('rate_limited', 'The limit is reached.', { retryAfterMs });
      return {
        waitedMs: 0,
        correct(tokens) {
          entry.tokens = tokens;
        },
        release: () => undefined,
      };
    },
    peek: async (target) => ({
      target,
      requestsInMinute: sum(usedOf(target), 'requests'),
      tokensInMinute: sum(usedOf(target), 'tokens'),
      requestsToday: 0,
      inFlight: 0,
      waiting: 0,
      blockedUntilMs: null,
      nextFreeInMs: 0,
    }),
    learn: () => undefined,
    close: async () => undefined,
  };
}
