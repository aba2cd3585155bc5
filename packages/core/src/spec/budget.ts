import type { NanoUsd } from './money.js';

export type BudgetWindow = 'call' | 'run' | 'hour' | 'day' | 'week' | 'month' | 'total';
export type BudgetMode = 'best_effort' | 'strict_budget';

/** A spending limit. Every budget that matches a call is charged in the same transaction. */
export interface Budget {
  /** Shown in messages and reports. Default: made from window and scope. */
  readonly id?: string;
  /** `run` never resets and needs a `run` tag pattern; `call` bounds each single call. */
  readonly window: BudgetWindow;
  readonly limitUsd: number;
  /** `'*'` = one budget per value; a call without the tag counts in one shared `(none)` budget. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly provider?: string;
  readonly model?: string;
  readonly endpoint?: string;
  /** Default: the client's mode. */
  readonly mode?: BudgetMode;
  /** Fractions of the limit (0.8 = 80 %) at which a `warning` event is sent, once per threshold and window. */
  readonly warnAt?: readonly number[];
  /** Counts and warns, never blocks. */
  readonly shadow?: boolean;
  /** IANA time zone of the window. Default: the ledger's. */
  readonly timezone?: string;
}

/** A budget as it applies to one call: scope resolved, window placed in time. */
export interface ResolvedBudget {
  readonly id: string;
  /** Canonical text of what is counted together: `tags user=alice`, `model qwen-plus`, or `all`. Together with window and time zone it is the identity of the spent money. */
  readonly scope: string;
  readonly window: BudgetWindow;
  /** Null: the ledger's own time zone. */
  readonly timezone: string | null;
  readonly limitNanoUsd: NanoUsd;
  readonly mode: BudgetMode;
  readonly warnAt: readonly number[];
  readonly shadow: boolean;
  /** Where the limit was configured (`vibe.config.yaml:7`, `createVibe`). */
  readonly origin: string;
}

/** Names a budget in a message. */
export interface BudgetRef {
  readonly id: string;
  readonly scope: string;
  readonly window: BudgetWindow;
  readonly limitUsd: number;
  readonly origin: string;
}

/** A gauge: one budget window as it stands now. Money in USD, with the exact integers beside it. */
export interface BudgetState {
  readonly id: string;
  readonly scope: string;
  readonly window: BudgetWindow;
  readonly timezone: string;
  readonly mode: BudgetMode;
  readonly shadow: boolean;
  readonly limitUsd: number;
  readonly spentUsd: number;
  readonly heldUsd: number;
  /** limit − spent − held; negative after an overrun. */
  readonly remainingUsd: number;
  readonly limitNanoUsd: NanoUsd;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
  readonly remainingNanoUsd: NanoUsd;
  /** ISO 8601; null for windows that never reset. */
  readonly resetsAt: string | null;
  readonly origin: string;
}

/** Why a hold or an extension was refused. */
export interface BudgetRefusal {
  readonly budget: ResolvedBudget;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
  readonly askedNanoUsd: NanoUsd;
  /** How much too much was asked. */
  readonly shortfallNanoUsd: NanoUsd;
  readonly resetsAtMs: number | null;
}

/** A threshold of `warnAt` that a hold has just crossed. */
export interface BudgetCrossing {
  readonly budget: ResolvedBudget;
  /** As in `warnAt`; 1 when a shadow budget would have refused. */
  readonly threshold: number;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
  /** True when a shadow budget would have refused. */
  readonly wouldRefuse: boolean;
}
