import type { CostLine, NanoUsd } from './money.js';
import type { Region } from './target.js';
import type { BillingUnit, Usage } from './usage.js';

export interface PriceQuery {
  readonly provider: string;
  /** The model that was asked for. */
  readonly model: string;
  /** The model that answered, when known: it is the one that is billed. */
  readonly servedModel?: string | null;
  readonly region: Region;
  /** Prices are dated; this is the time of the request. */
  readonly atMs: number;
  readonly usage: Usage;
}

/** A priced usage. The total is the sum of the lines. */
export interface Priced {
  readonly lines: readonly CostLine[];
  readonly totalNanoUsd: NanoUsd;
  readonly priceIds: readonly string[];
  /** Currency of the price list. */
  readonly currency: string;
  /** USD per unit of that currency; null when it is USD. */
  readonly fxRate: number | null;
}

export interface RateQuery {
  readonly provider?: string;
  readonly model?: string;
  readonly region?: Region;
  /** Only rows in force at this time. Default: all rows, also those that have ended or are still to come. */
  readonly atMs?: number;
}

/** One row of a price list. */
export interface Rate {
  readonly priceId: string;
  readonly provider: string;
  readonly model: string;
  readonly region: Region;
  readonly unit: BillingUnit;
  /** Decimal string, for `per` units, in `currency`. */
  readonly price: string;
  readonly per: number;
  readonly currency: string;
  /** Total input tokens for which the row applies; null when the price has no tiers. */
  readonly tier: { readonly fromTokens: number; readonly toTokens: number | null } | null;
  /** ISO 8601; `effectiveTo` is exclusive. */
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly source: string;
  readonly verifiedAt: string;
  readonly confidence: 'high' | 'medium' | 'low';
}

/** Knows prices. Several pricing parts are asked in order; the first answer counts. */
export interface Pricing {
  readonly kind: 'pricing';
  /** Null when any quantity above 0 has no price, or its service tier has none: unknown is never 0. */
  price(query: PriceQuery): Priced | null;
  rates(query?: RateQuery): readonly Rate[];
  /**
   * The first moment after `atMs` at which any of its prices may change; null when none will. A call is held at the dearest
   * price until its deadline, so without this method it is priced at its beginning and at its deadline.
   */
  nextChangeMs?(atMs: number): number | null;
}
