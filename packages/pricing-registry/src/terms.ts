import type { BillingUnit } from '@vibe/core';
import type { CurrencyTable, FxRate } from './currency.js';
import { type Factor, factorOf } from './line-amount.js';
import { bandsOf, inForce, isMarginal, type ListedPrice, type PriceList } from './price-list.js';
import { inputUnits } from './rows.js';
import type { Multiplier } from './service-tiers.js';

/** What prices the usage of one model in one region, at one service tier, in one epoch. */
export interface Terms {
  readonly units: ReadonlyMap<BillingUnit, UnitTerms>;
  /** Whether any price depends on the total input. */
  readonly hasTiers: boolean;
  /** Whether thinking may change the price of the answer. */
  readonly hasWholeOutput: boolean;
  /** Of a bill without lines. */
  readonly currency: string;
  readonly fxRate: number | null;
}

export interface UnitTerms {
  /** Counts towards the total input, which picks the tier. */
  readonly isInput: boolean;
  /** The first whose tier fits holds: the unit's own prices, then those that cover it. */
  readonly prices: readonly TermPrice[];
}

/** A price with everything that is known before the quantity is. */
export interface TermPrice {
  readonly priceId: string;
  /** The tier, both inclusive; everything for a price without one, and for marginal ones. */
  readonly fromTokens: number;
  readonly toTokens: number;
  /** A request that thinks pays this price for its whole output. */
  readonly wholeOutput: boolean;
  readonly currency: string;
  readonly fxRate: number | null;
  /** Null: the currency has no rate. */
  readonly factor: Factor | null;
  /** Of a marginal price: all its bands, lowest first. */
  readonly bands: readonly Band[] | null;
}

export interface Band {
  readonly fromTokens: number;
  readonly toTokens: number;
  readonly price: TermPrice;
}

/** What costs the same in every service tier: Google lists searches at one price, whatever becomes of the tokens. */
const sameForAll: ReadonlySet<BillingUnit> = new Set(['web_search']);

const isInputUnit: ReadonlySet<BillingUnit> = new Set(inputUnits);

/** `multiplier` undefined: the standard service tier. */
export function termsOf(
  list: PriceList,
  multiplier: Multiplier | undefined,
  atMs: number,
  rateOf: CurrencyTable,
): Terms {
  const units = new Map<BillingUnit, UnitTerms>();
  let hasTiers = false;
  let hasWholeOutput = false;
  const priceOf = (price: ListedPrice): TermPrice => {
    hasTiers ||= price.row.tier !== undefined && !isMarginal(price);
    hasWholeOutput ||= price.row.thinking === 'whole_output';
    return termPrice(list, price, multiplier, atMs, rateOf);
  };
  for (const unit of new Set([...list.own.keys(), ...list.covering.keys()])) {
    const prices = [...(list.own.get(unit) ?? []), ...(list.covering.get(unit) ?? [])]
      .filter((price) => inForce(price, atMs))
      .map(priceOf);
    if (prices.length > 0) units.set(unit, { isInput: isInputUnit.has(unit), prices });
  }
  const currency = list.own.values().next().value?.[0]?.row.currency ?? 'USD';
  return { units, hasTiers, hasWholeOutput, currency, fxRate: rateOf(currency, atMs)?.usdPerUnit ?? null };
}

function termPrice(
  list: PriceList,
  price: ListedPrice,
  multiplier: Multiplier | undefined,
  atMs: number,
  rateOf: CurrencyTable,
): TermPrice {
  const whole = isMarginal(price) ? null : price.row.tier;
  const rate = rateOf(price.row.currency, atMs);
  const bands = isMarginal(price) ? bandsOf(list, price, atMs) : null;
  return {
    ...plainPrice(price, multiplier, rate),
    fromTokens: whole?.fromTokens ?? 0,
    toTokens: whole?.toTokens ?? Number.POSITIVE_INFINITY,
    bands:
      bands?.map((band) => ({
        fromTokens: band.row.tier?.fromTokens ?? 0,
        toTokens: band.row.tier?.toTokens ?? Number.POSITIVE_INFINITY,
        price: plainPrice(band, multiplier, rateOf(band.row.currency, atMs)),
      })) ?? null,
  };
}

function plainPrice(price: ListedPrice, tier: Multiplier | undefined, rate: FxRate | null): TermPrice {
  const { row } = price;
  const multiplier = sameForAll.has(row.unit) ? undefined : tier;
  return {
    priceId: multiplier === undefined ? row.id : row.id + multiplier.mark,
    fromTokens: 0,
    toTokens: Number.POSITIVE_INFINITY,
    wholeOutput: row.thinking === 'whole_output',
    currency: row.currency,
    fxRate: rate?.usdPerUnit ?? null,
    factor: rate === null ? null : factorOf(price, rate, multiplier),
    bands: null,
  };
}
