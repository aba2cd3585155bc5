import { type ResolvedBudget, windowSpan } from '@vibe/core';
import type { Encoder, IndexedCharge } from '../encode.js';
import type { ViewEntry } from './best-effort-view.js';

/** A budget in its current window: what a hold is charged to. The same object for every call as long as the window lasts. */
export class MainCharge implements IndexedCharge {
  readonly budget: ResolvedBudget;
  readonly timezone: string;
  readonly startMs: number;
  readonly endMs: number | null;
  /** Where the writer knows it. */
  encoder: Encoder | null = null;
  generation = -1;
  index = -1;
  /** Set by the first best-effort call that needs it. */
  view: ViewEntry | null = null;

  constructor(budget: ResolvedBudget, timezone: string, startMs: number, endMs: number | null) {
    this.budget = budget;
    this.timezone = timezone;
    this.startMs = startMs;
    this.endMs = endMs;
  }
}

/** Budgets with a value per user or run come and go; past this the table starts anew. */
const maxScopes = 50_000;

/** Finds the charge of a budget at a moment. Budgets are compared by content: callers may make them anew for every call. */
export class ChargeTable {
  readonly #byScope = new Map<string, MainCharge[]>();

  chargesOf(budgets: readonly ResolvedBudget[], ledgerTimezone: string, nowMs: number): readonly MainCharge[] {
    return budgets.map((budget) => this.#chargeOf(budget, budget.timezone ?? ledgerTimezone, nowMs));
  }

  #chargeOf(budget: ResolvedBudget, timezone: string, nowMs: number): MainCharge {
    let charges = this.#byScope.get(budget.scope);
    if (charges === undefined) {
      if (this.#byScope.size >= maxScopes) this.#byScope.clear();
      charges = [];
      this.#byScope.set(budget.scope, charges);
    }
    const index = charges.findIndex((charge) => charge.timezone === timezone && sameBudget(charge.budget, budget));
    const known = charges[index];
    if (known !== undefined) {
      if (known.endMs === null || (nowMs >= known.startMs && nowMs < known.endMs)) return known;
      // Its window is over.
      charges.splice(index, 1);
    }
    const { startMs, endMs } = windowSpan(budget.window, timezone, nowMs);
    const charge = new MainCharge(budget, timezone, startMs, endMs);
    charges.push(charge);
    return charge;
  }
}

function sameBudget(left: ResolvedBudget, right: ResolvedBudget): boolean {
  if (left === right) return true;
  return (
    left.window === right.window &&
    left.limitNanoUsd === right.limitNanoUsd &&
    left.id === right.id &&
    left.mode === right.mode &&
    left.shadow === right.shadow &&
    left.origin === right.origin &&
    left.scope === right.scope &&
    left.warnAt.length === right.warnAt.length &&
    left.warnAt.every((threshold, index) => threshold === right.warnAt[index])
  );
}
