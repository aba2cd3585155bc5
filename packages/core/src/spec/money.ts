import type { BillingUnit } from './usage.js';

/**
 * An amount of money in nano-USD (1e-9 USD), always a safe integer. 2^53 nano-USD are about 9 million USD,
 * which bounds a single amount and a single budget window.
 */
export type NanoUsd = number;

/** One unit of a bill. `nanoUsd` is the accounting amount, `usd` the same number for people. */
export interface CostLine {
  readonly unit: BillingUnit;
  readonly quantity: number;
  readonly usd: number;
  readonly nanoUsd: NanoUsd;
  /** Names the row of the price list that was applied. */
  readonly priceId: string;
}

/** Cost of a call or of an attempt. Unknown is null, never 0. */
export interface Cost {
  /** What the call was expected to cost when it was planned, in USD. */
  readonly estimatedUsd: number | null;
  readonly actualUsd: number | null;
  readonly actualNanoUsd: NanoUsd | null;
  readonly lines: readonly CostLine[];
}
