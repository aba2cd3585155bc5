import { Measure, type MeasuredAttempt } from './measure.js';
import { placeOf, type RollupKey, type RollupPlace, rollupSpans } from './slot.js';

/** Sums by slot, in memory: of one batch, or of a whole file when it is checked or rebuilt. */
export class RollupSums {
  readonly #sums = new Map<string, { readonly place: RollupPlace; readonly measure: Measure }>();

  add(key: RollupKey, row: MeasuredAttempt, sign: 1 | -1 = 1): void {
    for (const span of rollupSpans) this.#measureOf(placeOf(span, key)).add(row, sign);
  }

  /** A correction changes what was charged, and nothing else. */
  addCost(key: RollupKey, deltaNanoUsd: number): void {
    for (const span of rollupSpans) this.#measureOf(placeOf(span, key)).costNanoUsd += deltaNanoUsd;
  }

  /** Takes the sums of one slot out. */
  take(place: RollupPlace): Measure | null {
    const name = place.join(' ');
    const sum = this.#sums.get(name);
    this.#sums.delete(name);
    return sum?.measure ?? null;
  }

  entries(): Iterable<{ readonly place: RollupPlace; readonly measure: Measure }> {
    return this.#sums.values();
  }

  clear(): void {
    this.#sums.clear();
  }

  #measureOf(place: RollupPlace): Measure {
    const name = place.join(' ');
    let sum = this.#sums.get(name);
    if (sum === undefined) {
      sum = { place, measure: new Measure() };
      this.#sums.set(name, sum);
    }
    return sum.measure;
  }
}
