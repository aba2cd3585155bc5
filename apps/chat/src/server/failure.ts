import { VibeError } from '@vibe/core';
import type { Failure } from '../wire.js';

/** An error as the page may see it: without stack, cause and secrets. */
export function failureOf(thrown: unknown): Failure {
  const error = VibeError.from(thrown);
  const { code, message, next, details } = error.toJSON() as unknown as VibeError;
  return {
    code,
    message,
    next,
    details,
    retryAfterMs: error.retryAfterMs ?? null,
    costNanoUsd: error.cost?.actualNanoUsd ?? null,
    attempts: error.attempts.length,
  };
}
