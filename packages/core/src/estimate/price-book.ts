import type { Priced, PriceQuery, Pricing } from '../spec/pricing.js';
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
      const priced = priceOf(part, { provider, model, servedModel, region, atMs, usage });
      if (priced === null) continue;
      const totalNanoUsd = totalOf(priced);
      if (Number.isSafeInteger(totalNanoUsd)) return { ...priced, totalNanoUsd };
    }
    return null;
  }
}

/** A part that fails knows no price: an answer that was paid for must not be lost with it. */
function priceOf(part: Pricing, query: PriceQuery): Priced | null {
  try {
    const priced = part.price(query);
    return priced !== null && isWhole(priced, query) ? priced : null;
  } catch {
    return null;
  }
}

/** A bill that says nothing about what was consumed is no bill: free things have a line of 0. */
function isWhole({ lines, totalNanoUsd }: Priced, { usage }: PriceQuery): boolean {
  if (!lines.every((line) => Number.isSafeInteger(line.nanoUsd) && line.nanoUsd >= 0)) return false;
  return lines.length > 0 || totalNanoUsd > 0 || Object.values(usage.quantities).every((quantity) => quantity === 0);
}

/** The sum of the lines. A part whose total and lines disagree is believed where it says more: too little is what hurts. */
function totalOf({ lines, totalNanoUsd }: Priced): number {
  const sum = lines.reduce((total, line) => total + line.nanoUsd, 0);
  return Math.max(sum, totalNanoUsd ?? 0);
}
