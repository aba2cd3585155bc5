import type { Priced, PriceQuery, Pricing } from '../spec/pricing.js';
import type { Target } from '../spec/target.js';
import type { Quantities, Usage } from '../spec/usage.js';

/** All pricing parts of a client, asked in order: the first that knows a price wins. */
export class PriceBook {
  readonly #parts: readonly Pricing[];
  /** No price changes from here … */
  #steadyFromMs = Number.NaN;
  /** … until here, exclusive. */
  #steadyUntilMs = Number.NaN;

  constructor(parts: readonly Pricing[]) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Null when no part knows the price: unknown is never 0. */
  price(target: Target, servedModel: string | null, atMs: number, usage: Usage): Priced | null {
    if (this.#parts.length === 0) return null;
    const { provider, model, region } = target;
    const query: PriceQuery = { provider, model, servedModel, region, atMs, usage };
    for (const part of this.#parts) {
      const priced = priceOf(part, query);
      if (priced === null) continue;
      const totalNanoUsd = totalOf(priced);
      if (totalNanoUsd === priced.totalNanoUsd) return priced;
      if (Number.isSafeInteger(totalNanoUsd)) return { ...priced, totalNanoUsd };
    }
    return null;
  }

  /** From `fromMs` to `untilMs`, inclusive: that moment, and every later one from which on another price may hold. */
  moments(fromMs: number, untilMs: number): readonly number[] {
    if (fromMs >= this.#steadyFromMs && untilMs < this.#steadyUntilMs) return [fromMs];
    const moments = [fromMs];
    let nextMs = this.#nextChangeMs(fromMs, untilMs);
    this.#steadyFromMs = fromMs;
    // Of a part that does not say when, nothing is steady: its price is asked for at every deadline.
    this.#steadyUntilMs = this.#parts.some((part) => changeOf(part, fromMs) === null) ? fromMs : nextMs;
    while (nextMs <= untilMs && moments.length < maxMoments) {
      moments.push(nextMs);
      nextMs = this.#nextChangeMs(nextMs, untilMs);
    }
    return moments;
  }

  /** Of any part. One that does not say may have another price at the end. */
  #nextChangeMs(atMs: number, untilMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const part of this.#parts) nextMs = Math.min(nextMs, changeOf(part, atMs) ?? endAfter(atMs, untilMs));
    return nextMs;
  }
}

/** Of the changes within one call; a list that changes more often is looked at no further. */
const maxMoments = 32;

/** Infinity: never again. Null: nobody knows. */
function changeOf(part: Pricing, atMs: number): number | null {
  if (part.nextChangeMs === undefined) return null;
  try {
    const nextMs = part.nextChangeMs(atMs);
    if (nextMs === null) return Number.POSITIVE_INFINITY;
    return nextMs > atMs ? nextMs : null;
  } catch {
    return null;
  }
}

function endAfter(atMs: number, untilMs: number): number {
  return untilMs > atMs ? untilMs : Number.POSITIVE_INFINITY;
}

/** A part that fails knows no price: an answer that was paid for must not be lost with it. */
function priceOf(part: Pricing, query: PriceQuery): Priced | null {
  try {
    const priced = part.price(query);
    return priced !== null && isWhole(priced, query.usage.quantities) ? priced : null;
  } catch {
    return null;
  }
}

/** A bill that says nothing about what was consumed is no bill: free things have a line of 0. */
function isWhole({ lines, totalNanoUsd }: Priced, quantities: Quantities): boolean {
  for (const { nanoUsd } of lines) if (!Number.isSafeInteger(nanoUsd) || nanoUsd < 0) return false;
  if (lines.length > 0 || totalNanoUsd > 0) return true;
  for (const unit in quantities) if (quantities[unit] !== 0) return false;
  return true;
}

/** The sum of the lines. A part whose total and lines disagree is believed where it says more: too little is what hurts. */
function totalOf({ lines, totalNanoUsd }: Priced): number {
  let sum = 0;
  for (const { nanoUsd } of lines) sum += nanoUsd;
  const total = Math.max(sum, totalNanoUsd ?? 0);
  return Number.isSafeInteger(total) ? total : Number.NaN;
}
