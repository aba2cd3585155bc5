import type { LiveCall } from './live-call.js';

/**
 * Whether another attempt may start after `delayMs` more: attempts and time belong to the call, over all candidates,
 * backoff and limiter waits. Never aborts a running attempt.
 */
export function mayStartAnother(call: LiveCall, nowMs: number, delayMs: number): boolean {
  if (call.cancellation.aborted || call.state.dispatched >= call.settings.attempts) return false;
  return nowMs + delayMs <= retryDeadlineMs(call);
}

export function retryDeadlineMs(call: LiveCall): number {
  return call.startedAtMs + call.settings.retryBudgetMs;
}
