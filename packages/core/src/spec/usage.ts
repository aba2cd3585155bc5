/**
 * What a provider bills by. The units are disjoint: cached and cache-write tokens are not counted in `input_token`,
 * reasoning tokens are not counted in `output_token`, audio and image tokens are not counted in either.
 */
export type BillingUnit =
  | 'input_token'
  | 'cached_input_token'
  | 'cache_write_token'
  | 'output_token'
  | 'reasoning_token'
  | 'input_audio_token'
  | 'output_audio_token'
  | 'input_image_token'
  | 'output_image_token'
  | 'image'
  | 'audio_second'
  | 'character'
  | 'request'
  | (string & {});

/** Quantities by unit. Only what was said: a missing unit is unknown or does not apply, an explicit 0 is a statement. */
export type Quantities = Readonly<Partial<Record<BillingUnit, number>>>;

/** What an attempt or a call consumed. */
export interface Usage {
  readonly quantities: Quantities;
  /** True when the provider did not say: the quantities are then our own count or estimate. */
  readonly unknown: boolean;
  /** `provider`: the provider's own final numbers. `partial`: counted from what arrived before the end. `estimated`: computed beforehand. */
  readonly source: 'provider' | 'partial' | 'estimated';
  /**
   * The service tier that is billed, in the words of the price list: `standard`, `flex`, `priority`, `batch`. Missing: the
   * standard one.
   */
  readonly serviceTier?: string;
}
