import type { Limits } from '../spec/limiter.js';
import type { SlidingLog, SlidingWindow } from './sliding-log.js';

/** What a call asks of a target. */
export interface RateAsk {
  readonly requests: number;
  readonly tokens: number;
  readonly limits: Limits;
}

/** One limit of a call, with the window it counts in and what the call weighs there. */
export interface WindowRule {
  readonly window: SlidingWindow;
  readonly weight: number;
  readonly limit: number;
}

/** The zone in which requests per day are counted when nobody names one. */
export const defaultTimezone = 'UTC';

export function zoneOf(limits: Limits): string {
  return limits.rpdTimezone ?? defaultTimezone;
}

/** The sliding limits that apply to a call. */
export function windowRules(log: SlidingLog, { requests, tokens, limits }: RateAsk): readonly WindowRule[] {
  const { rpm, tpm, burst } = limits;
  const rules: WindowRule[] = [];
  if (rpm !== undefined) rules.push({ window: log.requests, weight: requests, limit: rpm });
  if (tpm !== undefined) rules.push({ window: log.tokens, weight: tokens, limit: tpm });
  if (burst === undefined) return rules;
  const { windowMs } = burst;
  if (burst.requests !== undefined)
    rules.push({ window: log.window('requests', windowMs), weight: requests, limit: burst.requests });
  if (burst.tokens !== undefined) {
    // A call larger than a burst has the whole short window to itself; only the minute can be too small for it.
    const weight = Math.min(tokens, burst.tokens);
    rules.push({ window: log.window('tokens', windowMs), weight, limit: burst.tokens });
  }
  return rules;
}

/** The limit that a call is larger than as a whole, so that no wait helps; null when there is none. */
export function tooSmallFor({ requests, tokens, limits }: RateAsk): 'rpm' | 'tpm' | 'rpd' | 'burst.requests' | null {
  const { rpm, tpm, rpd, burst } = limits;
  if (rpm !== undefined && requests > rpm) return 'rpm';
  if (tpm !== undefined && tokens > tpm) return 'tpm';
  if (rpd !== undefined && requests > rpd) return 'rpd';
  return burst?.requests !== undefined && requests > burst.requests ? 'burst.requests' : null;
}

/** A quantity as limits count it: nobody takes a part of a token, or less than nothing. */
export function counted(quantity: number): number {
  return quantity > 0 ? Math.ceil(quantity) : 0;
}
