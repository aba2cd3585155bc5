import type { BillingUnit, Region } from '@vibe/core';
import { earliestDate, type PriceRow, type PriceTier, priceIdOf, unitTypeOf } from '../rows.js';

/** Decimal strings by billing unit. */
export type UnitPrices = Readonly<Partial<Record<BillingUnit, string>>>;

/** What many lists share: where they were read and in which currency they are. */
export type Origin = Pick<PriceRow, 'currency' | 'source' | 'verifiedAt' | 'confidence'>;

/** The short form of all prices of one model in one region over one span of time. */
export interface ListSpec extends Partial<Origin>, Pick<PriceRow, 'thinking' | 'conflicts' | 'note'> {
  /** First day. Default `earliestDate`. */
  readonly from?: string;
  /** The day after the last one. */
  readonly to?: string;
  /** Default 1,000,000. */
  readonly per?: number;
  /** Prices without tiers. */
  readonly flat?: UnitPrices;
  /** Prices by total input, lowest first: the inclusive upper bound in tokens, then the prices. */
  readonly tiers?: readonly (readonly [upTo: number | null, prices: UnitPrices])[];
}

/**
 * Qwen models of the older generations: a request that thinks pays the thinking price for its whole output. Alibaba
 * lists it as the price of "thinking mode", with no second price for the answer; newer models have one output price.
 */
export const wholeOutput = {
  thinking: 'whole_output',
  note: 'thinking requests pay the thinking price for the answer too; LiteLLM splits the two',
} as const satisfies Partial<ListSpec>;

/**
 * Rows for the cache of DashScope where a list does not state them: a hit typically costs 20 % of input (an explicit one
 * 10 %, which is not told apart), a write 125 %. Without the second a bill would be below the provider's.
 */
export function withTypicalCache(rows: readonly PriceRow[]): PriceRow[] {
  const stated = new Set(rows.map((row) => row.id));
  return rows.flatMap((row) => {
    if (row.unit !== 'input_token') return [row];
    const derived = [typical(row, 'cached_input_token', 20), typical(row, 'cache_write_token', 125)];
    return [row, ...derived.filter(({ id }) => !stated.has(id))];
  });
}

function typical({ conflicts: _, ...row }: PriceRow, unit: BillingUnit, percent: number): PriceRow {
  const moved = { ...row, unit };
  return {
    ...moved,
    id: priceIdOf(moved, row.tier),
    price: percentOf(row.price, percent),
    source: 'alibabacloud.com/help/en/model-studio/context-cache: typically 20 % of input for a hit, 125 % for a write',
    verifiedAt: '2026-10-11',
    confidence: 'low',
    note: 'derived from the input price of the same list',
  };
}

/** `percentOf('0.8', 125)` is `'1'`: exact, as every price is. */
function percentOf(price: string, percent: number): string {
  const [whole = '', fraction = ''] = price.split('.');
  const digits = (BigInt(whole + fraction) * BigInt(percent)).toString().padStart(fraction.length + 3, '0');
  const point = digits.length - fraction.length - 2;
  return `${digits.slice(0, point)}.${digits.slice(point)}`.replace(/\.?0+$/, '');
}

/** Expands the short form into rows. */
export function priceRows(provider: string, model: string, region: Region, origin: Origin, spec: ListSpec): PriceRow[] {
  const { from, to, per, flat, tiers, thinking, ...overrides } = spec;
  const shared = {
    provider,
    model,
    region,
    effectiveFrom: from ?? earliestDate,
    ...(to === undefined ? {} : { effectiveTo: to }),
  };
  const bands = tiers === undefined ? [{ prices: flat ?? {} }] : bandsOf(tiers);
  return bands.flatMap(({ prices, tier }: { prices: UnitPrices; tier?: PriceTier }) =>
    Object.entries(prices).map(([unit, price]) => ({
      id: priceIdOf({ ...shared, unit }, tier),
      ...shared,
      unitType: unitTypeOf(unit),
      unit,
      price: String(price),
      per: per ?? 1_000_000,
      ...(tier === undefined ? {} : { tier }),
      ...(thinking === undefined || unit !== 'reasoning_token' ? {} : { thinking }),
      ...origin,
      ...overrides,
    })),
  );
}

function bandsOf(tiers: NonNullable<ListSpec['tiers']>): { prices: UnitPrices; tier: PriceTier }[] {
  return tiers.map(([upTo, prices], index) => {
    const below = tiers[index - 1]?.[0] ?? null;
    return { prices, tier: { fromTokens: below === null ? 0 : below + 1, toTokens: upTo } };
  });
}
