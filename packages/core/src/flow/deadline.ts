import type { LiveCall } from './live-call.js';

/**
 * Whether another attempt may start after `delayMs` more: attempts and time belong to the call, over all candidates,
 * backoff and limiter waits. Never aborts a running attempt.
 */
export function mayStartAnother(call: LiveCall, nowMs: number, delayMs: number): boolean {
  // Who has left wants at most the rest of an answer that is on its way.
  if (call.cancellation.aborted || call.state.draining) return false;
  if (call.state.dispatched >= call.settings.attempts) return false;
  return nowMs + delayMs <= retryDeadlineMs(call);
}

/** What is left of `maxWaitMs`, which bounds all waits for rate limits together: our own and the provider's. */
export function patienceMs({ settings, state }: LiveCall): number {
  return settings.maxWaitMs - state.waitMs - state.limitedMs;
}

export function retryDeadlineMs(call: LiveCall): number {
  return call.startedAtMs + call.settings.retryBudgetMs;
}
