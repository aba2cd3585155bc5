import { VibeError } from '../errors/vibe-error.js';
import { tried } from '../flow/tried.js';
import type { Limiter, Permit } from '../spec/limiter.js';
import type { Warning } from '../spec/response.js';

/** A plugin's limiter. One that cannot count must not cost an answer: what it cannot take becomes a warning. */
export function guardedLimiter(limiter: Limiter, warn: (warning: Warning) => void): Limiter {
  const told = (what: string, tell: () => unknown) =>
    tried(tell, (thrown) => {
      const message = `The limiter failed to ${what}: ${VibeError.from(thrown).message}`;
      warn({ code: 'limiter_failed', message });
    });
  const guarded = (permit: Permit): Permit => ({
    waitedMs: permit.waitedMs,
    correct: (tokens) => told('correct a permit', () => permit.correct(tokens)),
    release: (outcome) => told('take a permit back', () => permit.release(outcome)),
  });
  return {
    kind: 'limiter',
    acquire: async (target, demand, options) => guarded(await limiter.acquire(target, demand, options)),
    peek: async (target, options) => limiter.peek(target, options),
    learn: (target, hint) => told("learn from a provider's 429", () => limiter.learn(target, hint)),
    close: async () => limiter.close(),
  };
}
