import type { Pricing } from '@vibe/core';
import { toPriceRow } from '@vibe/pricing-registry';
import type { ImportedPrice } from './formats/formats.js';
import { ratesOf } from './open-prices.js';

/** One price of a file beside the one that is in force. */
export interface PriceChange {
  readonly kind: 'new_model' | 'new_unit' | 'changed';
  readonly price: ImportedPrice;
  /** For the same number of units, in the same currency as `price`; null when there is none, or in another currency. */
  readonly nowPrice: number | null;
  readonly newPrice: number;
  /** Percent; null when there is nothing to compare with. */
  readonly changePercent: number | null;
}

export interface Comparison {
  readonly changes: readonly PriceChange[];
  readonly same: number;
  /** Prices of models that neither the list nor `onlyModels` know; left out. */
  readonly others: number;
}

/** Smaller than what any rounding of a price list makes. */
const tolerance = 1e-9;

/** What a file would change of the prices in force. Models that are not priced yet count only with `withNewModels`. */
export function compare(
  prices: readonly ImportedPrice[],
  pricing: Pricing,
  atMs: number,
  withNewModels: boolean,
): Comparison {
  const changes: PriceChange[] = [];
  let [same, others] = [0, 0];
  for (const price of prices) {
    const { provider, model, region, unit } = price;
    const known = ratesOf(pricing, { provider, model, region, atMs: dateOf(price, atMs) });
    if (known.length === 0 && !withNewModels) {
      others++;
      continue;
    }
    const fromTokens = price.tier?.fromTokens ?? 0;
    const own = known.filter((rate) => rate.unit === unit);
    const now = own.find(
      ({ tier }) => (tier?.fromTokens ?? 0) <= fromTokens && (tier?.toTokens ?? Number.POSITIVE_INFINITY) >= fromTokens,
    );
    const newPrice = Number(price.price) / price.per;
    const comparable = now !== undefined && now.currency === toPriceRow(price).currency;
    const nowPrice = comparable ? Number(now.price) / now.per : null;
    if (nowPrice !== null && Math.abs(nowPrice - newPrice) <= tolerance * Math.max(nowPrice, newPrice)) {
      same++;
      continue;
    }
    changes.push({
      kind: known.length === 0 ? 'new_model' : own.length === 0 ? 'new_unit' : 'changed',
      price,
      nowPrice,
      newPrice,
      changePercent: nowPrice === null || nowPrice === 0 ? null : (newPrice / nowPrice - 1) * 100,
    });
  }
  return { changes, same, others };
}

/** A dated price is compared with the one of its first day. */
function dateOf({ effectiveFrom, effectiveTo }: ImportedPrice, atMs: number): number {
  const fromMs = effectiveFrom === undefined ? Number.NEGATIVE_INFINITY : Date.parse(effectiveFrom);
  const toMs = effectiveTo === undefined ? Number.POSITIVE_INFINITY : Date.parse(effectiveTo);
  return atMs >= fromMs && atMs < toMs ? atMs : Math.max(fromMs, 0);
}
