import type { Part } from './content.js';
import type { ErrorCode } from './error-code.js';
import type { Estimate } from './estimate.js';
import type { Cost, CostLine, NanoUsd } from './money.js';
import type { Region, Target } from './target.js';
import type { Usage } from './usage.js';

/** Why the answer ended. The provider's own word is kept in `rawFinishReason`. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'cancelled' | 'other';

/** Something the caller should know that is no failure. `code` is stable, `message` is for people. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** All times in milliseconds. */
export interface Timing {
  /** From the start of the call to its first delta; null when none came. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
  /** Spent waiting for rate limits. */
  readonly waitMs: number;
  /** Spent waiting between attempts. */
  readonly retryMs: number;
  /** Physical requests. */
  readonly attempts: number;
}

/** One physical request to a provider. */
export interface AttemptRecord {
  /** Counts from 1 within the call, over all candidates. */
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly target: Target;
  readonly status: 'ok' | 'failed' | 'cancelled';
  readonly errorCode: ErrorCode | null;
  readonly errorMessage: string | null;
  readonly httpStatus: number | null;
  readonly servedModel: string | null;
  readonly requestId: string | null;
  readonly finishReason: FinishReason | null;
  readonly rawFinishReason: string | null;
  /** Null only when nothing at all is known. */
  readonly usage: Usage | null;
  readonly estimatedNanoUsd: NanoUsd | null;
  /** Null when unknown; 0 only when the attempt provably cost nothing. */
  readonly actualNanoUsd: NanoUsd | null;
  readonly lines: readonly CostLine[];
  /** Currency and rate of the price list that was applied; null when nothing was priced, or when the list is in USD. */
  readonly currency: string | null;
  readonly fxRate: number | null;
  /** From the start of this attempt. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
  /** Rate-limit wait before this attempt. */
  readonly waitMs: number;
  /** Backoff before this attempt. */
  readonly retryMs: number;
}

export interface ProviderMeta {
  readonly provider: string;
  readonly profile: string;
  readonly endpoint: string;
  readonly region: Region;
  readonly model: string;
  /** The model that really answered, as the provider names it. */
  readonly servedModel: string | null;
  readonly requestId: string | null;
}

/** The answer of every operation. Every key is always present; unknown is null. */
export interface GenerationResponse<T = unknown> {
  readonly id: string;
  readonly traceId: string;
  readonly status: 'ok' | 'cancelled' | 'dry_run';
  readonly content: readonly Part[];
  /** All text parts, joined; without reasoning. */
  readonly text: string;
  readonly object: T | null;
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | null;
  /** Sum over all attempts of the call; null only when nothing at all is known. */
  readonly usage: Usage | null;
  readonly providerMeta: ProviderMeta;
  readonly timing: Timing;
  readonly cost: Cost;
  readonly attempts: readonly AttemptRecord[];
  /** The better candidate that was passed over because a budget did not fit or its endpoint was unhealthy. */
  readonly downgradedFrom: Target | null;
  readonly warnings: readonly Warning[];
  /** The decision behind the call; set for dry runs. */
  readonly plan: Estimate | null;
}
