import type { BudgetRef } from './budget.js';
import type { WireRequest } from './provider.js';
import type { Policy } from './request.js';
import type { Target } from './target.js';

/** One candidate of a plan, with the reason when it may not serve. */
export interface RouteEstimate {
  readonly target: Target;
  readonly eligible: boolean;
  /** Why it may not serve; empty when eligible. */
  readonly reasons: readonly string[];
  readonly score: number | null;
  readonly scoreParts: Readonly<Record<string, number>>;
  /** What it will probably cost. */
  readonly estimatedUsd: number | null;
  /** What it can cost at most; this is what a hold covers. */
  readonly worstCaseUsd: number | null;
}

/** Whether budgets and limits would let a call through now. */
export interface EstimateVerdict {
  readonly allowed: boolean;
  readonly refusedBy?: BudgetRef;
  readonly shortfallUsd?: number;
  readonly limiterWaitMs: number;
}

/** What a call would do and cost. Nothing is sent or written to get it. */
export interface Estimate {
  /** Upper bound. */
  readonly inputTokens: number;
  /** Of the candidate that the hold would cover; null when it cannot be priced or bounded. */
  readonly worstCaseUsd: number | null;
  /** How the routes were ranked. */
  readonly policy?: Policy;
  /** Best first, then those that may not serve. */
  readonly routes: readonly RouteEstimate[];
  readonly verdict: EstimateVerdict;
  /** The exact request, without secrets; only in a dry run and where the provider can describe it. */
  readonly wire?: WireRequest;
}
