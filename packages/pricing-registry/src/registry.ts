import type { Priced, PriceQuery, Pricing, RateQuery } from '@vibe/core';
import { type CurrencyTable, currencyTable } from './currency.js';
import { type Aliases, aliasesOf, bareModel, targetOf } from './names.js';
import { isOpen, type ListedPrice, listedPrice, type PriceList, PriceListBuilder } from './price-list.js';
import { priceUsage } from './price-usage.js';
import { ratesOf } from './rates.js';
import type { AliasRow, FxRow, PriceRow, RegistryRate } from './rows.js';

/** What a registry is made of. */
export interface RegistryData {
  readonly prices: readonly PriceRow[];
  readonly currencies: readonly FxRow[];
  readonly aliases: readonly AliasRow[];
  /** Win, unit by unit, over `prices` of the same provider, model and region, for as long as they are in force. */
  readonly userPrices?: readonly PriceRow[];
  /** Win over `currencies` for as long as they are in force. */
  readonly userCurrencies?: readonly FxRow[];
}

/** A `Pricing` that shows more about its rows. */
export interface PriceRegistry extends Pricing {
  rates(query?: RateQuery): readonly RegistryRate[];
}

type Lists = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, PriceList>>>;

/**
 * Indexes the rows once. A row that is not well-formed prices nothing (`checkPrices` names such rows).
 *
 * Which list prices a query: the one of the model that served, else of the model that was asked for; under its own name,
 * else under an alias. A model without rows for the region of the query is unpriced there.
 */
export function createRegistry(data: RegistryData): PriceRegistry {
  const prices = [
    ...(data.userPrices ?? []).map((row) => listedPrice(row, 'user')),
    ...data.prices.map((row) => listedPrice(row, 'builtin')),
  ].filter((price) => price !== null);
  const lists = listsOf(prices);
  const aliases = aliasesOf(data.aliases);
  const rateOf = currencyTable([...(data.userCurrencies ?? []), ...data.currencies]);
  return {
    kind: 'pricing',
    price: (query) => dearestOf(query, listsFor(query, lists, aliases), rateOf),
    rates: (query = {}) => ratesOf(query, prices, aliases),
  };
}

function dearestOf(query: PriceQuery, lists: readonly PriceList[], rateOf: CurrencyTable): Priced | null {
  let dearest: Priced | null = null;
  for (const list of lists) {
    const priced = priceUsage(list, query.usage.quantities, query.atMs, rateOf);
    if (priced !== null && (dearest === null || priced.totalNanoUsd > dearest.totalNanoUsd)) dearest = priced;
  }
  return dearest;
}

/** One list, or two while it is open which of two models will answer. */
function listsFor(query: PriceQuery, lists: Lists, aliases: Aliases): readonly PriceList[] {
  const models = lists.get(query.provider);
  if (models === undefined) return [];
  const open = (model: string): PriceList | undefined => {
    const list = models.get(model)?.get(query.region);
    return list !== undefined && isOpen(list, query.atMs) ? list : undefined;
  };
  const named = (model: string): PriceList | undefined => {
    const own = open(model);
    if (own !== undefined) return own;
    const target = targetOf(aliases, query.provider, model, 'same', query.atMs);
    return target === undefined ? undefined : open(target);
  };
  if (query.servedModel !== undefined && query.servedModel !== null) {
    const served = named(bareModel(query.servedModel));
    if (served !== undefined) return [served];
  }
  const asked = bareModel(query.model);
  const rerouted = targetOf(aliases, query.provider, asked, 'rerouted', query.atMs);
  return [named(asked), rerouted === undefined ? undefined : named(rerouted)].filter((list) => list !== undefined);
}

function listsOf(prices: readonly ListedPrice[]): Lists {
  const lists = new Map<string, Map<string, Map<string, PriceListBuilder>>>();
  for (const price of prices) {
    const { provider, model, region } = price.row;
    const models = getOrAdd(lists, provider, () => new Map());
    const regions = getOrAdd(models, model, () => new Map());
    getOrAdd(regions, region, () => new PriceListBuilder()).add(price);
  }
  return lists;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
