import type { BudgetCrossing, BudgetRefusal, BudgetState, ResolvedBudget } from './budget.js';
import type { ErrorCode } from './error-code.js';
import type { CostLine, NanoUsd } from './money.js';
import type { Report, ReportQuery, StatsQuery, TargetStats } from './report.js';
import type { AttemptRecord, Timing } from './response.js';
import type { Target } from './target.js';
import type { Usage } from './usage.js';

export interface HoldRequest {
  /** Minted by the chain, time-ordered. The same hold again is a no-op. */
  readonly callId: string;
  /** The worst case of the first candidate that fits. 0 when the price is unknown and the mode allows that. */
  readonly amountNanoUsd: NanoUsd;
  /** All budgets that match, charged in one transaction. */
  readonly budgets: readonly ResolvedBudget[];
  /** True: the hold must be durable before the promise resolves. */
  readonly strict: boolean;
  /** How long the hold lives when its process dies. The ledger of a live process renews it. */
  readonly leaseMs: number;
  readonly idempotencyKey?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly traceId: string;
  readonly target: Target;
  readonly estimatedUsage: Usage;
}

/** What a further attempt needs beyond more money: it may go where other budgets count. */
export interface ExtendRequest {
  readonly budgets: readonly ResolvedBudget[];
  /** True: from here on the hold counts as strict, and must be durable before the promise resolves. */
  readonly strict: boolean;
}

/** Money set aside for a call. */
export interface Hold {
  readonly callId: string;
  readonly amountNanoUsd: NanoUsd;
  /** Thresholds this hold crossed, for `warning` events. */
  readonly crossings: readonly BudgetCrossing[];
  /** True when best effort let the call go although the ledger could not record the hold (yet). */
  readonly unrecorded?: boolean;
}

export interface Settlement {
  readonly status: 'ok' | 'failed' | 'cancelled';
  readonly attempts: readonly AttemptRecord[];
  readonly usage: Usage | null;
  /**
   * Null when the cost of any attempt is unknown: the call counts as unpriced. Charged is what is known, and for a strict
   * hold at least what was held.
   */
  readonly actualNanoUsd: NanoUsd | null;
  readonly lines: readonly CostLine[];
  readonly timing: Timing;
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string;
  readonly downgradedFrom?: Target;
  /** Needed for the row of a call that ends before its first attempt. */
  readonly target?: Target;
  readonly tags?: Readonly<Record<string, string>>;
  readonly traceId?: string;
}

/** A call that ended before a hold: refused by a budget, without a route, cancelled while it waited. Writes one row with `attempt = 0`. */
export interface BlockedCall {
  readonly callId: string;
  readonly traceId: string;
  readonly status: 'blocked' | 'failed' | 'cancelled';
  readonly errorCode: ErrorCode;
  readonly errorMessage: string;
  readonly target: Target | null;
  readonly estimatedNanoUsd: NanoUsd | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly waitMs: number;
  readonly totalMs: number;
}

/** Whether a hold would be granted now. */
export interface Verdict {
  readonly allowed: boolean;
  readonly refusal: BudgetRefusal | null;
}

export interface BudgetsQuery {
  readonly budgets: readonly ResolvedBudget[];
}

/** Health of one endpoint as processes tell each other. */
export interface EndpointHealth {
  /** `model @ endpoint` for breakers, the endpoint for probes. */
  readonly key: string;
  readonly state: 'closed' | 'open' | 'half_open' | 'reachable' | 'unreachable';
  readonly untilMs: number | null;
  readonly latencyMs: number | null;
  readonly updatedAtMs: number;
}

/** An open hold, as an administrator sees it. */
export interface OpenHold {
  readonly callId: string;
  readonly amountNanoUsd: NanoUsd;
  readonly strict: boolean;
  readonly owner: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly traceId: string;
  readonly target: Target | null;
}

/** What a check of the whole ledger found. Empty `problems` means that every projection equals its events. */
export interface VerifyResult {
  readonly ok: boolean;
  readonly events: number;
  readonly attempts: number;
  readonly openHolds: number;
  readonly problems: readonly string[];
}

/** Which calls `LedgerAdmin.calls` shows. */
export interface CallsQuery {
  /** When the last attempt began, epoch milliseconds. Default: from the beginning. */
  readonly sinceMs?: number;
  /** Exclusive. Default: no end. */
  readonly untilMs?: number;
  /** Only what comes behind this call, for the next page. */
  readonly afterCallId?: string;
  /** At most 1,000, the default. */
  readonly limit?: number;
}

/** One physical request of a call that has ended; `attempt` 0 is a call without any. */
export interface EndedAttempt {
  readonly attempt: number;
  readonly startedAtMs: number;
  readonly target: Target | null;
  readonly servedModel: string | null;
  /** What was billed by; null when nothing was used or nothing is known. `serviceTier` stands in the price ids. */
  readonly usage: Usage | null;
  /** What it was expected to cost. */
  readonly estimatedNanoUsd: NanoUsd | null;
  readonly actualNanoUsd: NanoUsd | null;
  readonly priceIds: readonly string[];
}

/** A call that has ended, with what was foreseen and what came of it. */
export interface EndedCall {
  readonly callId: string;
  readonly status: 'ok' | 'failed' | 'cancelled' | 'blocked' | 'expired';
  /** The worst case that was held in the end; null when nothing was. */
  readonly heldNanoUsd: NanoUsd | null;
  /** What budgets were charged, corrections included. */
  readonly chargedNanoUsd: NanoUsd;
  readonly attempts: readonly EndedAttempt[];
}

export interface LedgerAdmin {
  /** Ended calls by call id, for re-rating and for comparing estimates with bills. A page at a time. */
  calls?(query?: CallsQuery): Promise<readonly EndedCall[]>;

  holds(): Promise<readonly OpenHold[]>;
  /** Ends a hold by hand: `spent` books the held amount, `released` books nothing. */
  resolve(callId: string, how: 'spent' | 'released'): Promise<void>;
  /** Adds a correction event to a settled call; the row is never edited. */
  correct(callId: string, correction: { readonly deltaNanoUsd: NanoUsd; readonly reason: string }): Promise<void>;
  verify(): Promise<VerifyResult>;
  /** Computes totals and rollups anew from the events. */
  rebuild(): Promise<void>;
}

/** How processes that share the ledger learn of each other's endpoints. Never on the path of a call that goes well. */
export interface LedgerHealth {
  read(): Promise<readonly EndpointHealth[]>;
  /** The latest `updatedAtMs` of a key stays. */
  write(changes: readonly EndpointHealth[]): void;
  /**
   * Takes one of `probes` places for probing `key`, over all processes; it ends by itself after `leaseMs`. Resolves with
   * what gives it back, or with null when all are taken. Without it every process probes for itself.
   */
  claim?(key: string, probes: number, leaseMs: number): Promise<(() => void) | null>;
}

/** Keeps the money. Every method may reject with `ledger_unavailable`. */
export interface Ledger {
  readonly kind: 'ledger';
  /**
   * What takes its time before a first hold (a thread that starts) may begin now: told when the first call of a client begins.
   * Writes nothing. What fails here fails again where it is needed, and is told there.
   */
  prepare?(): void;
  /** All matching budgets in one transaction; throws `budget_exceeded`, or `invalid_request` for a used idempotency key. */
  hold(request: HoldRequest): Promise<Hold>;
  /**
   * Raises the hold of a call to `toNanoUsd` in the windows it was made in, in one transaction; throws `budget_exceeded`.
   * Budgets of `also` that the hold does not cover yet join it with the whole amount, in their current windows.
   */
  extend(callId: string, toNanoUsd: NanoUsd, also?: ExtendRequest): Promise<void>;
  /** Exactly once, by any process; the same command again is a no-op. */
  settle(callId: string, settlement: Settlement): Promise<void>;
  /** Writes the row of a call that ended before its hold. Never waits for the disk. */
  block?(blocked: BlockedCall): Promise<void>;
  /** Reads only. */
  check(request: HoldRequest): Promise<Verdict>;
  /** One gauge per budget of the query, plus one per value for scopes with a wildcard. */
  budgets(query?: BudgetsQuery): Promise<readonly BudgetState[]>;
  report(query: ReportQuery): Promise<Report>;
  /** Per target. */
  stats(query: StatsQuery): Promise<readonly TargetStats[]>;
  /** Breaker and probe results between processes, off the call path. */
  readonly health?: LedgerHealth;
  readonly admin?: LedgerAdmin;
  flush(): Promise<void>;
  close(): Promise<void>;
}
