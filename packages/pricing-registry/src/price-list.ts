import type { BillingUnit } from '@vibe/core';
import { parseDecimal, type Ratio, reduced } from './decimal.js';
import { coversOf, dayMs, type PriceRow, type Provenance } from './rows.js';

/** A row made ready for arithmetic. */
export interface ListedPrice {
  readonly row: PriceRow;
  readonly provenance: Provenance;
  /** Nano-units of the row's currency for one billing unit. */
  readonly nanoPerUnit: Ratio;
  readonly fromMs: number;
  readonly toMs: number;
}

/** All prices of one model in one region. The user's rows stand before the built-in ones of the same unit. */
export interface PriceList {
  readonly own: ReadonlyMap<BillingUnit, readonly ListedPrice[]>;
  /** By the unit that is covered. */
  readonly covering: ReadonlyMap<BillingUnit, readonly ListedPrice[]>;
}

/** Null when the price is no decimal string, or `per` no positive integer: such a row cannot price anything. */
export function listedPrice(row: PriceRow, provenance: Provenance): ListedPrice | null {
  const price = parseDecimal(row.price);
  if (price === null || !Number.isSafeInteger(row.per) || row.per <= 0) return null;
  return {
    row,
    provenance,
    nanoPerUnit: reduced({
      numerator: price.numerator * 1_000_000_000n,
      denominator: price.denominator * BigInt(row.per),
    }),
    fromMs: dayMs(row.effectiveFrom),
    toMs: row.effectiveTo === undefined ? Number.POSITIVE_INFINITY : dayMs(row.effectiveTo),
  };
}

/** Adds in order, so add the user's prices first. */
export class PriceListBuilder implements PriceList {
  readonly own = new Map<BillingUnit, ListedPrice[]>();
  readonly covering = new Map<BillingUnit, ListedPrice[]>();

  add(price: ListedPrice): void {
    append(this.own, price.row.unit, price);
    for (const unit of coversOf(price.row)) append(this.covering, unit, price);
  }
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

export function inForce(price: ListedPrice, atMs: number): boolean {
  return atMs >= price.fromMs && atMs < price.toMs;
}

/** Whether anything in the list has a price at that time. */
export function isOpen(list: PriceList, atMs: number): boolean {
  for (const prices of list.own.values()) {
    if (prices.some((price) => inForce(price, atMs))) return true;
  }
  return false;
}

/** Whether anything built in has a price at that time. */
export function hasBuiltIn(list: PriceList, atMs: number): boolean {
  for (const prices of list.own.values()) {
    if (prices.some((price) => price.provenance === 'builtin' && inForce(price, atMs))) return true;
  }
  return false;
}

/** Both lists as one: the prices of the first are asked first. */
export function joined(first: PriceList, second: PriceList): PriceList {
  const list = new PriceListBuilder();
  for (const { own } of [first, second]) for (const price of [...own.values()].flat()) list.add(price);
  return list;
}

export function isMarginal(price: ListedPrice): boolean {
  return price.row.tier?.rule === 'marginal';
}

/** The bands a marginal price belongs to, lowest first: same unit, same origin, in force at that time. */
export function bandsOf(list: PriceList, first: ListedPrice, atMs: number): readonly ListedPrice[] {
  const prices = list.own.get(first.row.unit) ?? [];
  return prices
    .filter((price) => isMarginal(price) && price.provenance === first.provenance && inForce(price, atMs))
    .sort((a, b) => (a.row.tier?.fromTokens ?? 0) - (b.row.tier?.fromTokens ?? 0));
}
