import type { LimitHint } from '../spec/limiter.js';
import { windowSpan } from './budget-window.js';
import { defaultTimezone } from './window-rules.js';

/** A 429 without a hint, or with one that has passed already, closes the target for this long. */
const unhintedPauseMs = 1_000;
/** No 429 closes a target for longer: a day, with the hour that daylight saving time may add. */
const maxClosedMs = 25 * 3_600_000;

/** Until when a provider's 429 closes a target. */
export function closedUntilMs({ retryAfterMs, scope, timezone }: LimitHint, nowMs: number): number {
  if (retryAfterMs !== null && retryAfterMs > 0) return nowMs + Math.min(retryAfterMs, maxClosedMs);
  if (scope !== 'day') return nowMs + unhintedPauseMs;
  return windowSpan('day', timezone ?? defaultTimezone, nowMs).endMs ?? nowMs + maxClosedMs;
}
