/** The spans of time in which nothing of a registry changes: no price, no exchange rate, no name, no service tier. */
export class Epochs {
  readonly #boundsMs: readonly number[];
  #lastIndex = -1;
  #lastFromMs = Number.NaN;
  #lastToMs = Number.NaN;

  /** Every moment at which something begins or ends, in any order; what is no moment is left out. */
  constructor(boundsMs: Iterable<number>) {
    this.#boundsMs = [...new Set(boundsMs)].filter(Number.isFinite).sort((a, b) => a - b);
  }

  /** The number of the epoch, from 0; -1 for what is no time. */
  indexOf(atMs: number): number {
    // Nearly every bill of a process belongs to the same one.
    if (atMs >= this.#lastFromMs && atMs < this.#lastToMs) return this.#lastIndex;
    if (Number.isNaN(atMs)) return -1;
    const later = this.#boundsMs.findIndex((boundMs) => boundMs > atMs);
    this.#lastIndex = later < 0 ? this.#boundsMs.length : later;
    this.#lastFromMs = this.#boundsMs[this.#lastIndex - 1] ?? Number.NEGATIVE_INFINITY;
    this.#lastToMs = this.#boundsMs[this.#lastIndex] ?? Number.POSITIVE_INFINITY;
    return this.#lastIndex;
  }

  /** When the next epoch begins; null when none does. */
  nextMs(atMs: number): number | null {
    return this.#boundsMs[this.indexOf(atMs)] ?? null;
  }
}
