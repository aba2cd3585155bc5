import { Measure, type MeasuredAttempt } from './measure.js';
import { placeOf, type RollupKey, type RollupPlace, rollupSpans } from './slot.js';

interface Sum {
  readonly key: RollupKey;
  readonly measure: Measure;
}

/** Sums by slot, in memory: of one batch, or of a whole file when it is checked or rebuilt. */
export class RollupSums {
  /** Quarter hours; what is longer is added up from them. */
  readonly #quarters = new Map<string, Sum>();

  add(key: RollupKey, row: MeasuredAttempt, sign: 1 | -1 = 1): void {
    this.#measureOf(key).add(row, sign);
  }

  addMeasure(key: RollupKey, measure: Measure): void {
    this.#measureOf(key).addMeasure(measure);
  }

  /** A correction changes what was charged, and nothing else. */
  addCost(key: RollupKey, deltaNanoUsd: number): void {
    this.#measureOf(key).costNanoUsd += deltaNanoUsd;
  }

  /** The sums of all spans. */
  *entries(): Iterable<{ readonly place: RollupPlace; readonly measure: Measure }> {
    for (const span of rollupSpans) {
      const sums = new Map<string, { readonly place: RollupPlace; readonly measure: Measure }>();
      for (const { key, measure } of this.#quarters.values()) {
        const place = placeOf(span, key);
        const name = place.join(' ');
        let sum = sums.get(name);
        if (sum === undefined) {
          sum = { place, measure: new Measure() };
          sums.set(name, sum);
        }
        sum.measure.addMeasure(measure);
      }
      yield* sums.values();
    }
  }

  clear(): void {
    this.#quarters.clear();
  }

  #measureOf(key: RollupKey): Measure {
    const [, slotMs, targetId, status, errorCode] = placeOf(rollupSpans[0], key);
    const name = `${slotMs} ${targetId} ${status} ${errorCode}`;
    let sum = this.#quarters.get(name);
    if (sum === undefined) {
      sum = { key, measure: new Measure() };
      this.#quarters.set(name, sum);
    }
    return sum.measure;
  }
}
