import type { Priced, Pricing } from '../spec/pricing.js';
import type { Target } from '../spec/target.js';
import type { Usage } from '../spec/usage.js';

/** All pricing parts of a client, asked in order: the first that knows a price wins. */
export class PriceBook {
  readonly #parts: readonly Pricing[];

  constructor(parts: readonly Pricing[]) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Null when no part knows the price: unknown is never 0. The total is the sum of the lines, whatever a part says. */
  price(target: Target, servedModel: string | null, atMs: number, usage: Usage): Priced | null {
    const { provider, model, region } = target;
    for (const part of this.#parts) {
      const priced = part.price({ provider, model, servedModel, region, atMs, usage });
      if (priced === null) continue;
      let totalNanoUsd = 0;
      for (const line of priced.lines) totalNanoUsd += line.nanoUsd;
      if (Number.isSafeInteger(totalNanoUsd) && totalNanoUsd >= 0) return { ...priced, totalNanoUsd };
    }
    return null;
  }
}
