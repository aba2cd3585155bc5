import type { BillingUnit, CostLine, Priced, Usage } from '@vibe/core';
import { amountNanoUsd } from './line-amount.js';
import type { Band, TermPrice, Terms } from './terms.js';

type Quantities = Usage['quantities'];

/**
 * Prices a usage.
 *
 * Rounding: each line is rounded UP to a whole nano-USD, the total is the sum of its lines, so a bill never shows less
 * than the provider charges. A fraction of a unit counts as a whole one, as providers bill started audio seconds.
 *
 * Null when a quantity above 0 has no price, when a quantity is no number of things, when nothing was said at all, or
 * when the amount is beyond a safe integer (9 million USD). A quantity of 0 costs nothing and gives no line.
 */
export function priceUsage(terms: Terms, quantities: Quantities): Priced | null {
  const inputTokens = terms.hasTiers ? totalInput(terms, quantities) : 0;
  const thinkingPrice = terms.hasWholeOutput ? wholeOutputPrice(terms, quantities, inputTokens) : undefined;
  const bill = new Bill();
  let said = false;
  for (const unit in quantities) {
    const amount = quantities[unit];
    if (amount === undefined) continue;
    if (!(amount >= 0) || !Number.isFinite(amount)) return null;
    said = true;
    if (amount === 0) continue;
    const quantity = Math.ceil(amount);
    const price =
      unit === 'output_token' && thinkingPrice !== undefined ? thinkingPrice : priceOf(terms, unit, inputTokens);
    if (price === undefined) return null;
    const isCharged =
      price.bands === null ? bill.charge(unit, quantity, price) : chargeBands(bill, unit, quantity, price.bands);
    if (!isCharged) return null;
  }
  if (!said || !Number.isSafeInteger(bill.totalNanoUsd)) return null;
  return bill.priced(terms);
}

/** The lines of one bill. */
class Bill {
  readonly lines: CostLine[] = [];
  readonly priceIds: string[] = [];
  totalNanoUsd = 0;
  #first: TermPrice | null = null;
  #isMixed = false;

  /** False: the price is in a currency without a rate, or the amount is beyond a safe integer. */
  charge(unit: BillingUnit, quantity: number, price: TermPrice): boolean {
    const { factor, priceId } = price;
    const nanoUsd = factor === null ? null : amountNanoUsd(quantity, factor);
    if (nanoUsd === null) return false;
    this.lines.push({ unit, quantity, usd: nanoUsd / 1e9, nanoUsd, priceId });
    if (!this.priceIds.includes(priceId)) this.priceIds.push(priceId);
    this.totalNanoUsd += nanoUsd;
    this.#first ??= price;
    this.#isMixed ||= price.currency !== this.#first.currency;
    return true;
  }

  /** A list that mixes currencies is reported as USD: its amounts are, and the price ids tell the rest. */
  priced(terms: Terms): Priced {
    const { lines, priceIds, totalNanoUsd } = this;
    const { currency, fxRate } = this.#isMixed ? dollars : (this.#first ?? terms);
    return { lines, totalNanoUsd, priceIds, currency, fxRate };
  }
}

const dollars = { currency: 'USD', fxRate: null } as const;

/** The price of a unit for a request with that total input: its own, else one that covers it, else undefined. */
function priceOf(terms: Terms, unit: BillingUnit, inputTokens: number): TermPrice | undefined {
  const prices = terms.units.get(unit)?.prices;
  if (prices === undefined) return undefined;
  for (const price of prices) if (inputTokens >= price.fromTokens && inputTokens <= price.toTokens) return price;
  return undefined;
}

/** The total input picks the tier: cached, written to the cache, audio and images included. */
function totalInput({ units }: Terms, quantities: Quantities): number {
  let total = 0;
  for (const unit in quantities) if (units.get(unit)?.isInput === true) total += quantities[unit] ?? 0;
  return total;
}

/** The thinking price, where a request that thinks pays it for its answer too. */
function wholeOutputPrice(terms: Terms, quantities: Quantities, inputTokens: number): TermPrice | undefined {
  if (!((quantities.reasoning_token ?? 0) > 0)) return undefined;
  const price = priceOf(terms, 'reasoning_token', inputTokens);
  return price?.wholeOutput === true ? price : undefined;
}

/** Cuts a quantity into bands. False when the bands do not reach far enough or leave a gap. */
function chargeBands(bill: Bill, unit: BillingUnit, quantity: number, bands: readonly Band[]): boolean {
  let charged = 0;
  for (const { fromTokens, toTokens, price } of bands) {
    if (charged === quantity) break;
    if (fromTokens > charged + 1) return false;
    const end = Math.min(quantity, toTokens);
    if (end <= charged) continue;
    if (!bill.charge(unit, end - charged, price)) return false;
    charged = end;
  }
  return charged === quantity;
}
