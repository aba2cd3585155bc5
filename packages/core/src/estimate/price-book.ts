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

  /** Null when no part knows the price: unknown is never 0. */
  price(target: Target, servedModel: string | null, atMs: number, usage: Usage): Priced | null {
    const { provider, model, region } = target;
    for (const part of this.#parts) {
      const priced = part.price({ provider, model, servedModel, region, atMs, usage });
      if (priced === null) continue;
      const totalNanoUsd = totalOf(priced);
      if (Number.isSafeInteger(totalNanoUsd)) return { ...priced, totalNanoUsd };
    }
    return null;
  }
}

/** The sum of the lines. A part whose total and lines disagree is believed where it says more: too little is what hurts. */
function totalOf({ lines, totalNanoUsd }: Priced): number {
  const sum = lines.reduce((total, line) => total + line.nanoUsd, 0);
  return Math.max(sum, totalNanoUsd ?? 0);
}
