import type { Limiter, Permit } from '@vibe/core';
import type { LimiterSubject } from '../src/index.js';

/** A subject whose limiters all work on one: each ends what it has begun when it is closed. */
export function sharedSubject(limiter: Limiter): LimiterSubject {
  return { limiter: view(limiter), another: async () => view(limiter) };
}

function view(limiter: Limiter): Limiter {
  const open = new Set<Permit>();
  return {
    ...limiter,
    async acquire(...ask) {
      const permit = await limiter.acquire(...ask);
      open.add(permit);
      return permit;
    },
    close: async () => {
      for (const permit of open) permit.release({ dispatched: true });
      open.clear();
    },
  };
}
