import type { Priced, PriceQuery, Pricing, RateQuery, Usage } from '@vibe/core';
import { type CurrencyTable, currencyTable } from './currency.js';
import { Epochs } from './epochs.js';
import { KnownTerms } from './known-terms.js';
import { type Aliases, aliasesOf, bareModel, targetOf } from './names.js';
import {
  hasBuiltIn,
  isOpen,
  joined,
  type ListedPrice,
  listedPrice,
  type PriceList,
  PriceListBuilder,
} from './price-list.js';
import { priceUsage } from './price-usage.js';
import { ratesOf } from './rates.js';
import { type AliasRow, dayMs, type FxRow, type PriceRow, type RegistryRate, type ServiceTierRow } from './rows.js';
import { type ServiceTiers, serviceTiersOf } from './service-tiers.js';
import { type Terms, termsOf } from './terms.js';

/** What a registry is made of. */
export interface RegistryData {
  readonly prices: readonly PriceRow[];
  readonly currencies: readonly FxRow[];
  readonly aliases: readonly AliasRow[];
  /** Win, unit by unit, over `prices` of the same provider, model and region, for as long as they are in force. */
  readonly userPrices?: readonly PriceRow[];
  /** Win over `currencies` for as long as they are in force. */
  readonly userCurrencies?: readonly FxRow[];
  /** What service tiers cost. Default: none is known, so whatever is not standard is unpriced. */
  readonly serviceTiers?: readonly ServiceTierRow[];
  /** Win over `serviceTiers` for as long as they are in force, `*` too. */
  readonly userServiceTiers?: readonly ServiceTierRow[];
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
 * else under an alias. A user's prices of an alias stand over the list of the model behind it. A model without rows for the
 * region of the query is unpriced there.
 */
export function createRegistry(data: RegistryData): PriceRegistry {
  const prices = [
    ...(data.userPrices ?? []).map((row) => listedPrice(row, 'user')),
    ...data.prices.map((row) => listedPrice(row, 'builtin')),
  ].filter((price) => price !== null);
  const currencies = [...(data.userCurrencies ?? []), ...data.currencies];
  const serviceTiers = [...(data.userServiceTiers ?? []), ...(data.serviceTiers ?? [])];
  const lists = listsOf(prices);
  const aliases = aliasesOf(data.aliases);
  const rateOf = currencyTable(currencies);
  const [users, builtIn] = [serviceTiersOf(data.userServiceTiers ?? []), serviceTiersOf(data.serviceTiers ?? [])];
  // A contract for all models is also one for those of which the list knows better.
  const tierOf: ServiceTiers = (...asked) => users(...asked) ?? builtIn(...asked);
  const epochs = new Epochs(
    [...data.aliases, ...currencies, ...serviceTiers, ...prices.map(({ row }) => row)].flatMap(boundsOf),
  );
  const known = new KnownTerms(epochs, (query) => termsFor(query, listsFor(query, lists, aliases), { rateOf, tierOf }));
  return {
    kind: 'pricing',
    price: (query) => dearestOf(known.of(query), query.usage),
    rates: (query = {}) => ratesOf(query, prices, aliases),
    nextChangeMs: (atMs) => epochs.nextMs(atMs),
  };
}

function boundsOf({ effectiveFrom, effectiveTo }: { effectiveFrom: string; effectiveTo?: string }): readonly number[] {
  return effectiveTo === undefined ? [dayMs(effectiveFrom)] : [dayMs(effectiveFrom), dayMs(effectiveTo)];
}

/** One model's list, under the name its rows have. */
interface NamedList {
  readonly model: string;
  readonly list: PriceList;
}

function termsFor(
  { provider, atMs, usage }: PriceQuery,
  lists: readonly NamedList[],
  { rateOf, tierOf }: { readonly rateOf: CurrencyTable; readonly tierOf: ServiceTiers },
): readonly Terms[] {
  return lists.flatMap(({ model, list }) => {
    const multiplier = tierOf(provider, model, usage.serviceTier, atMs);
    return multiplier === null ? [] : [termsOf(list, multiplier, atMs, rateOf)];
  });
}

function dearestOf(terms: readonly Terms[], { quantities }: Usage): Priced | null {
  let dearest: Priced | null = null;
  for (const each of terms) {
    const priced = priceUsage(each, quantities);
    if (priced !== null && (dearest === null || priced.totalNanoUsd > dearest.totalNanoUsd)) dearest = priced;
  }
  return dearest;
}

/** One list, or two while it is open which of two models will answer. */
function listsFor(query: PriceQuery, lists: Lists, aliases: Aliases): readonly NamedList[] {
  const models = lists.get(query.provider);
  if (models === undefined) return [];
  const open = (model: string): NamedList | undefined => {
    const list = models.get(model)?.get(query.region);
    return list !== undefined && isOpen(list, query.atMs) ? { model, list } : undefined;
  };
  const named = (model: string): NamedList | undefined => {
    const own = open(model);
    const target = targetOf(aliases, query.provider, model, 'same', query.atMs);
    const meant = target === undefined ? undefined : open(target);
    if (own === undefined || meant === undefined || hasBuiltIn(own.list, query.atMs)) return own ?? meant;
    // What a user's prices of the alias do not name keeps the price of the model behind it.
    return { model: meant.model, list: joined(own.list, meant.list) };
  };
  if (query.servedModel !== undefined && query.servedModel !== null) {
    const served = named(bareModel(query.servedModel));
    if (served !== undefined) return [served];
  }
  const asked = bareModel(query.model);
  const own = named(asked);
  const rerouted = targetOf(aliases, query.provider, asked, 'rerouted', query.atMs);
  const other = rerouted === undefined ? undefined : named(rerouted);
  if (own === undefined) return other === undefined ? [] : [other];
  return other === undefined ? [own] : [own, other];
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
