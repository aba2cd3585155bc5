import type { ErrorCode } from './error-code.js';
import type { NanoUsd } from './money.js';
import type { Endpoint, ModelManifest } from './provider.js';
import type { TargetStats } from './report.js';
import type { AnyRequest, Policy } from './request.js';
import type { Operation, Region, Target, Tier } from './target.js';
import type { Usage } from './usage.js';

/**
 * A rule that binds calls with certain tags to regions: `{ tags: { data: 'cn-only' }, regions: ['cn'] }`. The value `*` is
 * any value of the tag; a rule without tags binds all calls.
 */
export interface ComplianceRule {
  readonly tags: Readonly<Record<string, string>>;
  readonly regions: readonly Region[];
}

export interface RouterOptions {
  /** Default `smart`. */
  readonly policy?: Policy;
  /** Weight of each score part, per policy. */
  readonly weights?: Readonly<Partial<Record<Policy, Readonly<Record<string, number>>>>>;
  /** Model references, best first, for the policy `fixed`. */
  readonly order?: readonly string[];
  readonly downgrade?: { readonly allow?: boolean; readonly minTier?: Tier; readonly steps?: readonly string[] };
  readonly compliance?: readonly ComplianceRule[];
  /** How old the ledger's statistics may be. Default 5,000. */
  readonly statsMaxAgeMs?: number;
  /**
   * How often the endpoints of a provider that has several are asked whether they can be reached, in the background and
   * only while calls go there. 0: never. Default 30,000.
   */
  readonly probeIntervalMs?: number;
  /** Default: none. */
  readonly exploration?: Exploration;
}

/** Calls that are sent to a candidate that is not the best one, so that something is known about it. */
export interface Exploration {
  /** At most this share of the calls, 0 to 0.2. */
  readonly share: number;
  /** Decides which calls, and where candidates are equally unknown, which of them. Default 1. */
  readonly seed?: number;
  /**
   * Only candidates that are expected to cost at most this many times as much as the best one. Default 3; under `cheap` 1.3,
   * and 3 for those of which less than three answers are known.
   */
  readonly maxCostFactor?: number;
}

/** What a call to a candidate would consume and cost. */
export interface CandidateCost {
  readonly estimatedUsage: Usage;
  readonly worstCaseUsage: Usage;
  /** Null when unpriced. */
  readonly estimatedNanoUsd: NanoUsd | null;
  /** The part of it that pays for the answer; null or left out: not known. */
  readonly estimatedOutputNanoUsd?: NanoUsd | null;
  /** Null when it cannot be priced or bounded; `unboundedReason` says why. */
  readonly worstCaseNanoUsd: NanoUsd | null;
  readonly unboundedReason: string | null;
  /** The output cap that is sent and that bounds the worst case; null when the model states none. */
  readonly maxOutputTokens: number | null;
}

export type CircuitStatus = 'closed' | 'open' | 'half_open';

/** Model × endpoint × profile with everything a router may know about it. */
export interface RouteOption {
  readonly target: Target;
  readonly manifest: ModelManifest;
  readonly endpoint: Endpoint;
  readonly cost: CandidateCost;
  readonly circuit: CircuitStatus;
  readonly stats: TargetStats | null;
  /** What this process has seen itself since the statistics were made and shortly before; null or left out: nothing. */
  readonly own?: OwnSample | null;
  /** What is free of its rate limits; null or left out: nothing is known, or there are none. */
  readonly headroom?: Headroom | null;
  /** What the last probe of its endpoint has found; null or left out: nothing is known. */
  readonly reach?: EndpointReach | null;
  /** Whether a call to this target must have a bounded cost: a strict budget matches, or the user refuses unpriced calls. */
  readonly mustBePriced: boolean;
}

/** What calls of this process were like at a target. The latest count most: half as much for every minute of age. */
export interface OwnSample {
  /** Sum of the weights of all attempts that say something about the target. */
  readonly calls: number;
  /** 0..1. */
  readonly failRate: number;
  /** Sum of the weights of the answers that the durations are of; 0: the durations are null. */
  readonly answers: number;
  /** Median time to the first token, median time per token after it. */
  readonly ttftMs: number | null;
  readonly msPerToken: number | null;
  /** How many times as long as the median the 95th percentile takes. */
  readonly tail: number | null;
  /** How much longer its answers are than those of others to the same kind of request: 1, exactly as long. */
  readonly verbosity: number;
  /** How many answers, however old, have been compared so. */
  readonly comparedAnswers: number;
  /** What its input really costs, as a multiple of what was estimated; null: not known. */
  readonly inputRatio: number | null;
  /** Calls on their way to it. */
  readonly unanswered: number;
  /**
   * What a call must save here, against the next candidate, to be worth one of the permits that its rate limits leave; rises
   * with calls that found no room. 0 or left out: there is room for all.
   */
  readonly reserveNanoUsd?: NanoUsd;
}

/** What a probe of an endpoint has found. */
export interface EndpointReach {
  readonly state: 'reachable' | 'unreachable';
  /** Of a free round trip; null when unreachable or not measured. */
  readonly latencyMs: number | null;
  /** Why it cannot be reached, where this process has found out itself. */
  readonly message?: string;
}

/** How much of its rate limits a target has left. */
export interface Headroom {
  /** The part of the fullest window (requests or tokens per minute, requests per day, slots) that is free, 0..1. */
  readonly freeShare: number;
  /** How long the next request would wait; Infinity when it never fits. */
  readonly waitMs: number;
}

/** What the call asks of a route. */
export interface RouteRequest {
  readonly operation: Operation;
  readonly request: AnyRequest;
  readonly inputTokens: number;
  readonly policy: Policy;
}

/** The world as a router sees it. A plan depends on nothing else. */
export interface RouterView {
  readonly nowMs: number;
  /** Only what may serve the call: what compliance, keys or the operation forbid never reaches a router. */
  readonly options: readonly RouteOption[];
  readonly router: RouterOptions;
  /**
   * How much of the expected output calls like this one have really used, whoever answered; null or left out: this process
   * has seen none.
   */
  readonly outputShare?: number | null;
  /** Uniform in [0, 1) for a call that may explore (`router.exploration`); null or left out for all others. */
  readonly exploration?: number | null;
}

export interface RankedRoute {
  readonly target: Target;
  readonly score: number;
  readonly scoreParts: Readonly<Record<string, number>>;
  /** How many attempts it is worth before the next candidate is tried. Default: its share of those that are left. */
  readonly attempts?: number;
}

export interface RejectedRoute {
  readonly target: Target;
  /** When all candidates are rejected with the same code, it is the code of the error. */
  readonly code: ErrorCode;
  readonly reason: string;
}

/** Best first. Every option of the view is in exactly one of the two lists. */
export interface RoutePlan {
  readonly candidates: readonly RankedRoute[];
  readonly rejected: readonly RejectedRoute[];
}

/** Chooses who may serve a call, and in which order. Pure: the same view gives the same plan. */
export interface Router {
  readonly kind: 'router';
  plan(request: RouteRequest, view: RouterView): RoutePlan;
}
