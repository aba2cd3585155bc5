import { windowSpan } from './budget-window.js';

/** Bounds the search for a day with room. */
const maxDaysAhead = 366;

/** Requests per calendar day of a zone: today and the days that waiting callers have reserved. */
export class DayCounts {
  readonly #counts = new Map<number, number>();

  /** What the day around `nowMs` holds. */
  used(timezone: string, nowMs: number): number {
    return this.#counts.get(windowSpan('day', timezone, nowMs).startMs) ?? 0;
  }

  /** The earliest time from `fromMs` on at which `requests` more fit into their day; Infinity when they never do. */
  earliestMs(requests: number, limit: number, timezone: string, fromMs: number): number {
    if (requests > limit || !Number.isFinite(fromMs)) return Number.POSITIVE_INFINITY;
    let atMs = fromMs;
    for (let day = 0; day < maxDaysAhead; day++) {
      if (this.used(timezone, atMs) + requests <= limit) return atMs;
      atMs = windowSpan('day', timezone, atMs).endMs ?? Number.POSITIVE_INFINITY;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Counts `requests` on the day around `atMs`; returns what takes them back. */
  admit(requests: number, timezone: string, atMs: number, nowMs: number): () => void {
    const { startMs } = windowSpan('day', timezone, atMs);
    this.#forgetDaysBefore(windowSpan('day', timezone, nowMs).startMs);
    this.#add(startMs, requests);
    return () => this.#add(startMs, -requests);
  }

  #add(startMs: number, requests: number): void {
    this.#counts.set(startMs, (this.#counts.get(startMs) ?? 0) + requests);
  }

  #forgetDaysBefore(startMs: number): void {
    for (const day of this.#counts.keys()) if (day < startMs) this.#counts.delete(day);
  }
}
