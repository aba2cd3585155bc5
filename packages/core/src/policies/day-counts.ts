import { type WindowSpan, windowSpan } from './budget-window.js';

/** Bounds the search for a day with room. */
const maxDaysAhead = 366;
/** Today and tomorrow in two zones: what a queue that reaches over midnight asks for in turn. */
const maxRecentSpans = 4;
/** A day of 25 hours, which daylight saving time can make, and then some. */
const yesterdayMs = 26 * 3_600_000;

/** Requests per calendar day and zone. Only the days that still count are kept. */
export class DayCounts {
  readonly #zones = new Map<string, Map<number, number>>();
  readonly #recent: { readonly timezone: string; readonly span: WindowSpan }[] = [];

  /** The begin of the day around `atMs`. */
  dayOf(timezone: string, atMs: number): number {
    return this.#span(timezone, atMs).startMs;
  }

  /** What the day that begins at `startMs` holds. */
  on(timezone: string, startMs: number): number {
    return this.#zones.get(timezone)?.get(startMs) ?? 0;
  }

  /** What the day around `atMs` holds. */
  used(timezone: string, atMs: number): number {
    return this.on(timezone, this.dayOf(timezone, atMs));
  }

  /** Counts `requests` on the day around `atMs`; negative ones take back. */
  add(requests: number, timezone: string, atMs: number): void {
    const startMs = this.dayOf(timezone, atMs);
    this.set(timezone, startMs, Math.max(0, this.on(timezone, startMs) + requests));
  }

  set(timezone: string, startMs: number, requests: number): void {
    const days = this.#zones.get(timezone) ?? new Map<number, number>();
    this.#zones.set(timezone, days);
    // Yesterday stays for a while: a request may still be given back shortly after midnight.
    if (!days.has(startMs)) for (const day of days.keys()) if (day < startMs - yesterdayMs) days.delete(day);
    days.set(startMs, requests);
  }

  /**
   * The earliest time from `fromMs` on at which `requests` more fit into their day; Infinity when they never do.
   * `planned` says what else will be counted on the day that begins at a time.
   */
  earliestMs(
    requests: number,
    limit: number,
    timezone: string,
    fromMs: number,
    planned: (startMs: number) => number = nothing,
  ): number {
    if (requests > limit || !Number.isFinite(fromMs)) return Number.POSITIVE_INFINITY;
    let atMs = fromMs;
    let startMs = this.dayOf(timezone, atMs);
    for (let day = 0; day < maxDaysAhead; day++) {
      if (this.on(timezone, startMs) + planned(startMs) + requests <= limit) return atMs;
      // The next day begins where this one ends.
      atMs = startMs = this.#span(timezone, startMs).endMs ?? Number.POSITIVE_INFINITY;
    }
    return Number.POSITIVE_INFINITY;
  }

  #span(timezone: string, atMs: number): WindowSpan {
    for (const { timezone: zone, span } of this.#recent)
      if (zone === timezone && atMs >= span.startMs && atMs < (span.endMs ?? Number.POSITIVE_INFINITY)) return span;
    const span = windowSpan('day', timezone, atMs);
    if (this.#recent.length >= maxRecentSpans) this.#recent.shift();
    this.#recent.push({ timezone, span });
    return span;
  }
}

const nothing = () => 0;
