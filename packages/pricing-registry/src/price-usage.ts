import type { BillingUnit, CostLine, Priced, Usage } from '@vibe/core';
import type { CurrencyTable } from './currency.js';
import { amountNanoUsd } from './line-amount.js';
import { bandsOf, isMarginal, type ListedPrice, type PriceList, priceOf } from './price-list.js';
import { inputUnits } from './rows.js';
import type { Multiplier } from './service-tiers.js';

type Quantities = Usage['quantities'];

/** A part of a bill before it is money: how many units at which price. */
interface Charge {
  readonly unit: BillingUnit;
  readonly quantity: number;
  readonly price: ListedPrice;
}

/** What a usage is priced with. */
export interface Terms {
  readonly list: PriceList;
  /** Undefined: the standard service tier. */
  readonly multiplier: Multiplier | undefined;
  readonly atMs: number;
  readonly rateOf: CurrencyTable;
}

/**
 * Prices a usage with one list.
 *
 * Rounding: each line is rounded UP to a whole nano-USD, the total is the sum of its lines, so a bill never shows less
 * than the provider charges. A fraction of a unit counts as a whole one, as providers bill started audio seconds.
 *
 * Null when a quantity above 0 has no price, when a quantity is no number of things, when nothing was said at all, or
 * when the amount is beyond a safe integer (9 million USD). A quantity of 0 costs nothing and gives no line.
 */
export function priceUsage(terms: Terms, quantities: Quantities): Priced | null {
  const charges = chargesFor(terms.list, quantities, terms.atMs);
  if (charges === null) return null;
  const lines: CostLine[] = [];
  const priceIds: string[] = [];
  let totalNanoUsd = 0;
  for (const charge of charges) {
    const line = lineFor(charge, terms);
    if (line === null) return null;
    lines.push(line);
    totalNanoUsd += line.nanoUsd;
    if (!priceIds.includes(line.priceId)) priceIds.push(line.priceId);
  }
  if (!Number.isSafeInteger(totalNanoUsd)) return null;
  return { lines, totalNanoUsd, priceIds, ...currencyOf(terms, charges) };
}

function chargesFor(list: PriceList, quantities: Quantities, atMs: number): readonly Charge[] | null {
  const inputTokens = totalInput(quantities);
  const thinkingPrice = wholeOutputPrice(list, quantities, atMs, inputTokens);
  const charges: Charge[] = [];
  let said = false;
  for (const unit in quantities) {
    const amount = quantities[unit];
    if (amount === undefined) continue;
    if (!(amount >= 0) || !Number.isFinite(amount)) return null;
    said = true;
    if (amount === 0) continue;
    const quantity = Math.ceil(amount);
    const price =
      unit === 'output_token' && thinkingPrice !== undefined ? thinkingPrice : priceOf(list, unit, atMs, inputTokens);
    if (price === undefined) return null;
    if (!isMarginal(price)) charges.push({ unit, quantity, price });
    else if (!pushBands(charges, unit, quantity, bandsOf(list, price, atMs))) return null;
  }
  return said ? charges : null;
}

/** The total input picks the tier: cached, written to the cache, audio and images included. */
function totalInput(quantities: Quantities): number {
  let total = 0;
  for (const unit of inputUnits) total += quantities[unit] ?? 0;
  return total;
}

/** The thinking price, where a request that thinks pays it for its answer too. */
function wholeOutputPrice(
  list: PriceList,
  quantities: Quantities,
  atMs: number,
  inputTokens: number,
): ListedPrice | undefined {
  if (!((quantities.reasoning_token ?? 0) > 0)) return undefined;
  const price = priceOf(list, 'reasoning_token', atMs, inputTokens);
  return price?.row.thinking === 'whole_output' ? price : undefined;
}

/** Cuts a quantity into bands. False when the bands do not reach far enough or leave a gap. */
function pushBands(charges: Charge[], unit: BillingUnit, quantity: number, bands: readonly ListedPrice[]): boolean {
  let charged = 0;
  for (const price of bands) {
    if (charged === quantity) break;
    const { fromTokens, toTokens } = price.row.tier ?? { fromTokens: 0, toTokens: null };
    if (fromTokens > charged + 1) return false;
    const end = toTokens === null ? quantity : Math.min(quantity, toTokens);
    if (end <= charged) continue;
    charges.push({ unit, quantity: end - charged, price });
    charged = end;
  }
  return charged === quantity;
}

function lineFor({ unit, quantity, price }: Charge, { multiplier, atMs, rateOf }: Terms): CostLine | null {
  const nanoUsd = amountNanoUsd(quantity, price, multiplier, atMs, rateOf);
  if (nanoUsd === null) return null;
  const priceId = multiplier === undefined ? price.row.id : price.row.id + multiplier.mark;
  return { unit, quantity, usd: nanoUsd / 1e9, nanoUsd, priceId };
}

/** The currency of the list. A list that mixes currencies is reported as USD: its amounts are, and the price ids tell the rest. */
function currencyOf({ list, atMs, rateOf }: Terms, charges: readonly Charge[]): Pick<Priced, 'currency' | 'fxRate'> {
  const first = charges[0]?.price ?? list.own.values().next().value?.[0];
  const currency = first?.row.currency ?? 'USD';
  for (const { price } of charges) if (price.row.currency !== currency) return { currency: 'USD', fxRate: null };
  return { currency, fxRate: rateOf(currency, atMs)?.usdPerUnit ?? null };
}
