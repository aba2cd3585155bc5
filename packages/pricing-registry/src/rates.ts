import type { RateQuery } from '@vibe/core';
import { type Aliases, bareModel, targetOf } from './names.js';
import { inForce, type ListedPrice } from './price-list.js';
import { coversOf, type PriceRow, type RegistryRate } from './rows.js';

/**
 * The rows a query asks for. With `atMs`: the ones in force then, without those a user's row hides, and aliases count as
 * the model they name. Without: all rows under exactly that name.
 */
export function ratesOf(query: RateQuery, prices: readonly ListedPrice[], aliases: Aliases): readonly RegistryRate[] {
  const { provider, region, atMs } = query;
  const asked = query.model === undefined ? undefined : bareModel(query.model);
  const found = prices.filter(
    (price) =>
      (provider === undefined || price.row.provider === provider) &&
      (region === undefined || price.row.region === region) &&
      (asked === undefined || isNamed(price, asked, aliases, atMs)) &&
      (atMs === undefined || inForce(price, atMs)),
  );
  if (atMs === undefined) return found.map(rateOf);
  return inForceFirst(found, asked).map(rateOf);
}

/** What prices a bill: of the rows of one unit and tier the first, and no built-in row beside a user's, also of an alias. */
function inForceFirst(found: readonly ListedPrice[], asked: string | undefined): readonly ListedPrice[] {
  const users = new Set(found.filter((price) => price.provenance === 'user').map(({ row }) => unitKey(row)));
  const seen = new Set<string>();
  return found.filter(({ row, provenance }) => {
    if (provenance === 'builtin')
      return !users.has(unitKey(row)) && !users.has(unitKey({ ...row, model: asked ?? row.model }));
    const key = `${unitKey(row)} ${row.tier?.fromTokens ?? ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

function isNamed({ row }: ListedPrice, asked: string, aliases: Aliases, atMs: number | undefined): boolean {
  if (row.model === asked) return true;
  return atMs !== undefined && targetOf(aliases, row.provider, asked, 'same', atMs) === row.model;
}

function unitKey({ provider, model, region, unit }: PriceRow): string {
  return [provider, model, region, unit].join('\n');
}

function rateOf({ row, provenance }: ListedPrice): RegistryRate {
  const { id, ...rest } = row;
  return {
    ...rest,
    priceId: id,
    tier: row.tier ?? null,
    effectiveTo: row.effectiveTo ?? null,
    covers: coversOf(row),
    thinking: row.thinking ?? null,
    provenance,
    origin: row.origin ?? null,
    conflicts: row.conflicts ?? [],
    note: row.note ?? null,
  };
}
