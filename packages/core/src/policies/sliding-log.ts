/** What a window counts. */
export type RateUnit = 'requests' | 'tokens';

/** A request that was let go: when, and what it takes of the limits. */
export interface Admission {
  /** Names it where it is kept elsewhere too; 0 where it is not. */
  readonly id: number;
  atMs: number;
  requests: number;
  tokens: number;
  /** Its place among all admissions since the beginning. Kept by the log. */
  place: number;
}

/** Exact up to so many requests per window, which is beyond every provider; past it the oldest are forgotten. */
const maxEntries = 1_000_000;
/** A short log is not worth cutting. */
const minTrim = 256;
/** Bounds what a caller can cause who asks with ever new windows. */
const maxWindows = 16;

/**
 * The admissions of the last `keepMs` in order of time: an exact log, about 72 bytes each. Any number of windows look at
 * it, as long as the log is kept or shorter.
 */
export class SlidingLog {
  readonly keepMs: number;
  /** The two windows that are as long as the log. */
  readonly requests: SlidingWindow;
  readonly tokens: SlidingWindow;
  readonly #onForget: ((admission: Admission) => void) | null;
  readonly #windows: SlidingWindow[] = [];
  #entries: Admission[] = [];
  #begin = 0;
  #trimAt = minTrim;

  /** `onForget` is told of every admission that no window counts any more, some time after that. */
  constructor(keepMs: number, onForget: ((admission: Admission) => void) | null = null) {
    this.keepMs = keepMs;
    this.#onForget = onForget;
    // They stay, so that the log is never cut too early.
    this.requests = this.window('requests', keepMs);
    this.tokens = this.window('tokens', keepMs);
  }

  /** The place of the oldest entry that is kept. */
  get begin(): number {
    return this.#begin;
  }

  /** The place that the next admission gets. */
  get end(): number {
    return this.#begin + this.#entries.length;
  }

  at(place: number): Admission | undefined {
    return this.#entries[place - this.#begin];
  }

  /** The sum of one unit over the last `windowMs`. */
  window(unit: RateUnit, windowMs: number): SlidingWindow {
    const lengthMs = Math.min(windowMs, this.keepMs);
    for (const window of this.#windows) if (window.unit === unit && window.windowMs === lengthMs) return window;
    const window = new SlidingWindow(this, unit, lengthMs);
    if (this.#windows.length >= maxWindows) this.#windows.splice(2, 1);
    this.#windows.push(window);
    return window;
  }

  add(id: number, atMs: number, requests: number, tokens: number): Admission {
    if (this.#entries.length >= this.#trimAt) this.#trim(atMs);
    const admission = { id, atMs, requests, tokens, place: 0 };
    this.#insert(admission);
    return admission;
  }

  /** What the request really took, at its original time. Zeros give it back. Without effect on what is forgotten. */
  change(admission: Admission, requests: number, tokens: number): void {
    if (this.#holds(admission)) {
      for (const window of this.#windows) {
        if (admission.place < window.first) continue;
        window.counted += window.unit === 'requests' ? requests - admission.requests : tokens - admission.tokens;
      }
    }
    admission.requests = requests;
    admission.tokens = tokens;
  }

  /** The request really left at another time. */
  redate(admission: Admission, atMs: number): void {
    const isKept = this.#holds(admission);
    if (isKept) this.#remove(admission);
    admission.atMs = atMs;
    if (isKept) this.#insert(admission);
  }

  /**
   * For a clock that may be set back: what lies in the future is dated now, which counts it longer, never shorter. True
   * when anything changed.
   */
  noFuture(nowMs: number): boolean {
    let changed = false;
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index];
      if (entry === undefined || entry.atMs <= nowMs) break;
      entry.atMs = nowMs;
      changed = true;
    }
    return changed;
  }

  #holds(admission: Admission): boolean {
    return this.at(admission.place) === admission;
  }

  /** Admissions come nearly in order, so the right place is the end or close to it. */
  #insert(admission: Admission): void {
    const entries = this.#entries;
    let index = entries.length;
    while (index > 0 && (entries[index - 1]?.atMs ?? 0) > admission.atMs) index--;
    admission.place = this.#begin + index;
    if (index === entries.length) entries.push(admission);
    else {
      entries.splice(index, 0, admission);
      this.#renumber(index + 1);
    }
    for (const window of this.#windows) {
      if (admission.place < window.first) window.first++;
      else window.counted += admission[window.unit];
    }
  }

  #remove(admission: Admission): void {
    const { place } = admission;
    this.#entries.splice(place - this.#begin, 1);
    this.#renumber(place - this.#begin);
    for (const window of this.#windows) {
      if (place < window.first) window.first--;
      else window.counted -= admission[window.unit];
    }
  }

  #renumber(from: number): void {
    for (let index = from; index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (entry !== undefined) entry.place = this.#begin + index;
    }
  }

  /** Cuts off what no window counts. Amortised: only when the log has doubled since the last cut. */
  #trim(nowMs: number): void {
    let begin = this.end;
    for (const window of this.#windows) {
      window.expire(nowMs);
      begin = Math.min(begin, window.first);
    }
    begin = Math.max(begin, this.end - maxEntries);
    for (const window of this.#windows) window.skipTo(begin);
    const forgotten = this.#entries.slice(0, begin - this.#begin);
    this.#entries = this.#entries.slice(begin - this.#begin);
    this.#begin = begin;
    this.#trimAt = Math.min(Math.max(minTrim, this.#entries.length * 2), maxEntries + minTrim);
    if (this.#onForget !== null) for (const admission of forgotten) this.#onForget(admission);
  }
}

/** A true sliding window: the sum of one unit over the last `windowMs`. */
export class SlidingWindow {
  readonly unit: RateUnit;
  readonly windowMs: number;
  readonly #log: SlidingLog;
  /** The place of the oldest admission that is counted, and the sum from there on. Also kept by the log. */
  first: number;
  counted = 0;

  constructor(log: SlidingLog, unit: RateUnit, windowMs: number) {
    this.#log = log;
    this.unit = unit;
    this.windowMs = windowMs;
    this.first = log.begin;
    for (let place = log.begin; place < log.end; place++) this.counted += log.at(place)?.[unit] ?? 0;
  }

  used(nowMs: number): number {
    this.expire(nowMs);
    return this.counted;
  }

  /** The earliest time at which `weight` more fits, which is at most `limit`; `nowMs` when it fits now. */
  earliestMs(weight: number, limit: number, nowMs: number): number {
    this.expire(nowMs);
    let excess = this.counted + weight - limit;
    let earliestMs = nowMs;
    for (let place = this.first; excess > 0; place++) {
      const entry = this.#log.at(place);
      if (entry === undefined) break;
      excess -= entry[this.unit];
      earliestMs = entry.atMs + this.windowMs;
    }
    return earliestMs;
  }

  expire(nowMs: number): void {
    for (;;) {
      const entry = this.#log.at(this.first);
      if (entry === undefined || entry.atMs + this.windowMs > nowMs) return;
      this.counted -= entry[this.unit];
      this.first++;
    }
  }

  /** Forgets what lies before `place`. */
  skipTo(place: number): void {
    for (; this.first < place; this.first++) this.counted -= this.#log.at(this.first)?.[this.unit] ?? 0;
  }
}
