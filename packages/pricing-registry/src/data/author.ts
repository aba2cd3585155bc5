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
