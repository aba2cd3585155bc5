import { type Limiter, type Permit, VibeError } from '@vibe/core';
import type { LimiterSubject } from '../src/index.js';

/** A subject whose limiters all work on one: each ends what it has begun when it is closed. */
export function sharedSubject(limiter: Limiter): LimiterSubject {
  return { limiter: view(limiter), another: async () => view(limiter) };
}

function view(limiter: Limiter): Limiter {
  const open = new Set<Permit>();
  const closing = new AbortController();
  return {
    ...limiter,
    async acquire(target, demand, options) {
      closing.signal.throwIfAborted();
      const signal = AbortSignal.any([options.signal, closing.signal]);
      const permit = await limiter.acquire(target, demand, { ...options, signal });
      open.add(permit);
      return permit;
    },
    close: async () => {
      closing.abort(new VibeError('invalid_request', 'The limiter was closed.'));
      for (const permit of open) permit.release({ dispatched: true });
      open.clear();
    },
  };
}
