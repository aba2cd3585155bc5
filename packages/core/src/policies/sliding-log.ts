/** One admission: when, and how much of the limit it takes. */
interface Entry {
  atMs: number;
  weight: number;
}

/**
 * A true sliding window as an exact log: never more than `limit` within any `windowMs`. An entry is dated at the moment
 * its request may leave, which can lie in the future: that is how waiting callers keep their place.
 */
export class SlidingLog {
  readonly #windowMs: number;
  #entries: Entry[] = [];
  #first = 0;
  #used = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** What the window holds at `nowMs`, future entries included. */
  used(nowMs: number): number {
    this.#expire(nowMs);
    return this.#used;
  }

  /** The earliest time at which `weight` more fits; `nowMs` when it fits now, null when it never can. */
  earliestMs(weight: number, limit: number, nowMs: number): number | null {
    if (weight > limit) return null;
    this.#expire(nowMs);
    let excess = this.#used + weight - limit;
    // Entries are in order of time, so the newest one also bounds the queue: nobody overtakes.
    let earliestMs = Math.max(nowMs, this.#entries.at(-1)?.atMs ?? nowMs);
    for (let index = this.#first; excess > 0; index++) {
      const entry = this.#entries[index];
      if (entry === undefined) return earliestMs;
      excess -= entry.weight;
      earliestMs = Math.max(earliestMs, entry.atMs + this.#windowMs);
    }
    return earliestMs;
  }

  /** Admits `weight` at `atMs`, which is not before any earlier admission. The result is needed to change it later. */
  admit(weight: number, atMs: number): Entry {
    const entry = { atMs, weight };
    this.#entries.push(entry);
    this.#used += weight;
    return entry;
  }

  /** The real weight replaces the estimate, at the original time. 0 gives it back. */
  correct(entry: Entry, weight: number): void {
    const stillCounted = this.#entries.indexOf(entry, this.#first) !== -1;
    if (stillCounted) this.#used += weight - entry.weight;
    entry.weight = weight;
    // Who comes next need not queue behind somebody who has left.
    while (this.#entries.length > this.#first && this.#entries.at(-1)?.weight === 0) this.#entries.pop();
  }

  #expire(nowMs: number): void {
    for (;;) {
      const entry = this.#entries[this.#first];
      if (entry === undefined || entry.atMs + this.#windowMs > nowMs) break;
      this.#used -= entry.weight;
      this.#first++;
    }
    // Amortised: the array is cut only when half of it is gone.
    if (this.#first > 64 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

export type LogEntry = Entry;
