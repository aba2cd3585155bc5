import type { BillingUnit, Rate, Region } from '@vibe/core';

/** What a unit counts, for people and for the checker. */
export type UnitType = 'token' | 'image' | 'audio_seconds' | 'character' | 'request';

/**
 * For which total input a price holds. Both bounds are inclusive: `0..128000` and `128001..256000` are neighbours.
 * 1K is 1,000 tokens (models.dev and LiteLLM both write 128000 and 256000), and "≤128K" includes 128,000.
 */
export interface PriceTier {
  readonly fromTokens: number;
  /** Null: no upper end. */
  readonly toTokens: number | null;
  /**
   * `whole_request` (default): the total input picks one tier and every unit of the request is billed at it, as DashScope
   * and Gemini do. `marginal`: the quantity of the unit itself is cut into bands, each billed at its own price.
   */
  readonly rule?: 'whole_request' | 'marginal';
}

/** One price: provider, model, region, unit, tier, date. Plain data that survives JSON. */
export interface PriceRow {
  /** Readable and stable: `gemini/gemini-2.5-flash/global/input_token@2025-06-17`. It is stored with every bill. */
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly region: Region;
  readonly unitType: UnitType;
  readonly unit: BillingUnit;
  /** Decimal string for `per` units, in `currency`. */
  readonly price: string;
  readonly per: number;
  /** ISO 4217. Anything but USD needs a rate in the currency table. */
  readonly currency: string;
  readonly tier?: PriceTier;
  /** Units this price also applies to while they have no row of their own. Default: cached, written and visual input for `input_token`, reasoning for `output_token`, else none. */
  readonly covers?: readonly BillingUnit[];
  /**
   * On a `reasoning_token` row. `whole_output`: a request that thinks pays this price for its whole output, answer
   * included. `split` (default): only for its reasoning tokens.
   */
  readonly thinking?: 'whole_output' | 'split';
  /** `YYYY-MM-DD`, midnight UTC. */
  readonly effectiveFrom: string;
  /** Exclusive. Missing: until further notice. */
  readonly effectiveTo?: string;
  readonly source: string;
  /** The date of the source, or the day on which it was read when it has none. */
  readonly verifiedAt: string;
  readonly confidence: Rate['confidence'];
  /** What other sources say. */
  readonly conflicts?: readonly string[];
  readonly note?: string;
  /** Where a user's row was written; set by who reads the configuration. */
  readonly origin?: string;
}

/** A price in the options: the rest has defaults (`toPriceRow`). */
export type PriceInput = Pick<PriceRow, 'provider' | 'model' | 'region' | 'unit' | 'price' | 'per'> & Partial<PriceRow>;

/**
 * What a service tier costs in proportion to the standard price of the same unit. The `standard` tier needs no row; a tier
 * without one is unpriced.
 */
export interface ServiceTierRow {
  /** `gemini/gemini-3.7-flash/priority@2025-01-01`. */
  readonly id: string;
  readonly provider: string;
  /** `*`: every model of the provider that has no row of its own. */
  readonly model: string;
  /** As in `Usage.serviceTier`. */
  readonly serviceTier: string;
  /** Decimal string: `'0.5'` is half of the standard price. */
  readonly multiplier: string;
  readonly effectiveFrom: string;
  /** Exclusive. */
  readonly effectiveTo?: string;
  readonly source: string;
  readonly verifiedAt: string;
  readonly confidence: Rate['confidence'];
  readonly conflicts?: readonly string[];
}

/** A multiplier in the options. */
export type ServiceTierInput = Pick<ServiceTierRow, 'provider' | 'model' | 'serviceTier' | 'multiplier'> &
  Partial<ServiceTierRow>;

/** An exchange rate from a day on. */
export interface FxRow {
  readonly currency: string;
  /** USD for one unit of the currency, as a decimal string. */
  readonly usdPerUnit: string;
  readonly effectiveFrom: string;
  /** Exclusive. */
  readonly effectiveTo?: string;
  readonly source: string;
  readonly verifiedAt: string;
  readonly conflicts?: readonly string[];
}

/** An exchange rate in the options. */
export type FxInput = Pick<FxRow, 'currency' | 'usdPerUnit'> & Partial<FxRow>;

/** Another name of a priced model. Names are never guessed from a prefix. */
export interface AliasRow {
  readonly provider: string;
  readonly alias: string;
  readonly model: string;
  /**
   * `same`: the alias is billed as `model`. `rerouted`: from this day on requests for the alias are answered, and billed,
   * by `model`; while the response does not name who answered, the dearer of the two prices holds.
   */
  readonly kind: 'same' | 'rerouted';
  readonly effectiveFrom: string;
  /** Exclusive. */
  readonly effectiveTo?: string;
  readonly source: string;
  readonly verifiedAt: string;
}

/** A row of the list as the registry shows it. */
export interface RegistryRate extends Rate {
  readonly unitType: UnitType;
  readonly tier: PriceTier | null;
  readonly covers: readonly BillingUnit[];
  /** Null unless the row says how thinking is billed. */
  readonly thinking: PriceRow['thinking'] | null;
  readonly provenance: Provenance;
  /** Where the user wrote it: `vibe.config.yaml:7`. Null for built-in rows. */
  readonly origin: string | null;
  readonly conflicts: readonly string[];
  readonly note: string | null;
}

/** `user`: from the options. */
export type Provenance = 'builtin' | 'user';

/** Used where a source gives no start date: early enough for any call of today, not a claim about the past. */
export const earliestDate = '2025-01-01';

/**
 * What a price covers besides its own unit, unless the row says otherwise. Cached input at the input price is an upper
 * bound; a cache write may be dearer than input, so vendors that say so get a row of their own. Audio input is covered
 * by nothing: rows exist where a source states its price. Audio and image output is covered by nothing either.
 */
const defaultCovers: Readonly<Record<string, readonly BillingUnit[]>> = {
  input_token: ['cached_input_token', 'cache_write_token', 'input_image_token', 'input_video_token'],
  input_audio_token: ['cached_input_audio_token'],
  output_token: ['reasoning_token'],
};

/** The units that make up the total input, which picks the tier. */
export const inputUnits: readonly BillingUnit[] = [
  'input_token',
  'cached_input_token',
  'cache_write_token',
  'input_audio_token',
  'cached_input_audio_token',
  'input_image_token',
  'input_video_token',
];

/** The units a price covers besides its own. */
export function coversOf(row: Pick<PriceRow, 'unit' | 'covers'>): readonly BillingUnit[] {
  return row.covers ?? defaultCovers[row.unit] ?? [];
}

/** The id of a row: `provider/model/region/unit[:from-to]@date`. */
export function priceIdOf(
  row: Pick<PriceRow, 'provider' | 'model' | 'region' | 'unit' | 'effectiveFrom'>,
  tier?: PriceTier,
): string {
  const band = tier === undefined ? '' : `:${tier.fromTokens}-${tier.toTokens ?? 'up'}`;
  return `${row.provider}/${row.model}/${row.region}/${row.unit}${band}@${row.effectiveFrom}`;
}

const unitTypes: Readonly<Record<string, UnitType>> = {
  image: 'image',
  character: 'character',
  audio_second: 'audio_seconds',
};

/** What a unit counts; `request` for a unit nobody here knows. */
export function unitTypeOf(unit: BillingUnit): UnitType {
  if (unit.endsWith('_token')) return 'token';
  // Pictures with a price by size: image_1k, image_2k, image_4k.
  if (unit.startsWith('image_')) return 'image';
  return unitTypes[unit] ?? 'request';
}

/** Midnight UTC of a `YYYY-MM-DD`; NaN when it is none. */
export function dayMs(day: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
}

/** A price of the options as a full row: USD, valid from `earliestDate`, source `user`, high confidence. */
export function toPriceRow(input: PriceInput): PriceRow {
  const effectiveFrom = input.effectiveFrom ?? earliestDate;
  return {
    unitType: unitTypeOf(input.unit),
    currency: 'USD',
    source: 'user',
    verifiedAt: effectiveFrom,
    confidence: 'high',
    ...input,
    effectiveFrom,
    id: input.id ?? `user/${priceIdOf({ ...input, effectiveFrom }, input.tier)}`,
  };
}

/** A multiplier of the options as a full row. */
export function toServiceTierRow(input: ServiceTierInput): ServiceTierRow {
  const effectiveFrom = input.effectiveFrom ?? earliestDate;
  return {
    source: 'user',
    verifiedAt: effectiveFrom,
    confidence: 'high',
    ...input,
    effectiveFrom,
    id: input.id ?? `user/${serviceTierIdOf({ ...input, effectiveFrom })}`,
  };
}

/** The id of a multiplier: `provider/model/tier@date`. */
export function serviceTierIdOf(
  row: Pick<ServiceTierRow, 'provider' | 'model' | 'serviceTier' | 'effectiveFrom'>,
): string {
  return `${row.provider}/${row.model}/${row.serviceTier}@${row.effectiveFrom}`;
}

/** A rate of the options as a full row, valid from `earliestDate`, source `user`. */
export function toFxRow(input: FxInput): FxRow {
  const effectiveFrom = input.effectiveFrom ?? earliestDate;
  return { source: 'user', verifiedAt: effectiveFrom, ...input, effectiveFrom };
}
