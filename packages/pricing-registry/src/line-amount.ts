import type { FxRate } from './currency.js';
import { ceilTimes, product, type Ratio, reduced } from './decimal.js';
import type { ListedPrice } from './price-list.js';
import type { Multiplier } from './service-tiers.js';

/** Nano-USD for one unit: the price, the exchange rate and the service tier in one exact fraction. */
export interface Factor {
  readonly ratio: Ratio;
  /** The same as doubles, where they are exact; 0 where they are not. */
  readonly numerator: number;
  readonly denominator: number;
}

export function factorOf(price: ListedPrice, rate: FxRate, multiplier: Multiplier | undefined): Factor {
  const standard = product(price.nanoPerUnit, rate.ratio);
  const ratio = reduced(multiplier === undefined ? standard : product(standard, multiplier.ratio));
  const [numerator, denominator] = [Number(ratio.numerator), Number(ratio.denominator)];
  const exact = Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator);
  return { ratio, numerator: exact ? numerator : 0, denominator: exact ? denominator : 0 };
}

/** `quantity` units in nano-USD, rounded up; null when the amount is beyond a safe integer. */
export function amountNanoUsd(quantity: number, { ratio, numerator, denominator }: Factor): number | null {
  const scaled = quantity * numerator;
  // Exact in doubles as long as every number is a safe integer; BigInt for the rest.
  if (denominator > 0 && scaled <= Number.MAX_SAFE_INTEGER - denominator) {
    const rest = scaled % denominator;
    return (scaled - rest) / denominator + (rest === 0 ? 0 : 1);
  }
  const amount = ceilTimes(BigInt(quantity), ratio);
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(amount);
}
