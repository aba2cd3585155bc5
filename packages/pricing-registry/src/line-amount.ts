import type { CurrencyTable, FxRate } from './currency.js';
import { ceilTimes, product, type Ratio, reduced } from './decimal.js';
import type { ListedPrice } from './price-list.js';
import type { Multiplier } from './service-tiers.js';

/** Nano-USD for one unit: the price, the exchange rate and the service tier in one exact fraction. */
interface Factor {
  readonly rate: FxRate;
  readonly multiplier: Multiplier | undefined;
  readonly ratio: Ratio;
  /** The same as doubles, where they are exact; 0 where they are not. */
  readonly numerator: number;
  readonly denominator: number;
}

/** The last factor of each price: nearly every bill asks for the same one again. Grows with the price list only. */
const lastFactors = new WeakMap<ListedPrice, Factor>();

/** `quantity` units in nano-USD, rounded up; null when the currency has no rate or the amount is beyond a safe integer. */
export function amountNanoUsd(
  quantity: number,
  price: ListedPrice,
  multiplier: Multiplier | undefined,
  atMs: number,
  rateOf: CurrencyTable,
): number | null {
  const rate = rateOf(price.row.currency, atMs);
  if (rate === null) return null;
  const factor = factorOf(price, rate, multiplier);
  const scaled = quantity * factor.numerator;
  // Exact in doubles as long as every number is a safe integer; BigInt for the rest.
  if (factor.denominator > 0 && scaled <= Number.MAX_SAFE_INTEGER - factor.denominator) {
    const rest = scaled % factor.denominator;
    return (scaled - rest) / factor.denominator + (rest === 0 ? 0 : 1);
  }
  const amount = ceilTimes(BigInt(quantity), factor.ratio);
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(amount);
}

function factorOf(price: ListedPrice, rate: FxRate, multiplier: Multiplier | undefined): Factor {
  const last = lastFactors.get(price);
  if (last !== undefined && last.rate === rate && last.multiplier === multiplier) return last;
  const standard = product(price.nanoPerUnit, rate.ratio);
  const ratio = reduced(multiplier === undefined ? standard : product(standard, multiplier.ratio));
  const [numerator, denominator] = [Number(ratio.numerator), Number(ratio.denominator)];
  const exact = Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator);
  const factor = { rate, multiplier, ratio, numerator: exact ? numerator : 0, denominator: exact ? denominator : 0 };
  lastFactors.set(price, factor);
  return factor;
}
