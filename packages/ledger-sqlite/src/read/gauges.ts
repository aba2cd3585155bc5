import { type BudgetBalance, type BudgetState, type ResolvedBudget, scopeMatches, usdOf, windowSpan } from '@vibe/core';
import type { Database } from 'better-sqlite3';

/** Runs and users come and go: without a query only so many of the latest budgets are shown. */
const maxBudgets = 10_000;

interface KnownBudget {
  readonly scope: string;
  readonly period: ResolvedBudget['window'];
  readonly timezone: string;
  readonly name: string;
  readonly limit_nano: number;
  readonly mode: ResolvedBudget['mode'];
  readonly shadow: number;
  readonly origin: string;
}

/** Reads budget windows as they stand now. Budgets without a zone are counted in the ledger's. */
export class Gauges {
  readonly #db: Database;
  readonly #timezone: string;
  readonly #nowMs: number;
  readonly #total;

  constructor(db: Database, ledgerTimezone: string, nowMs: number) {
    this.#db = db;
    this.#timezone = ledgerTimezone;
    this.#nowMs = nowMs;
    this.#total = db.prepare(
      `SELECT t.spent_nano, t.held_nano, t.warned FROM budget AS b JOIN total AS t USING (budget_id)
       WHERE b.scope = ? AND b.period = ? AND b.timezone = ? AND t.window_start_ms = ?`,
    );
  }

  balance(budget: ResolvedBudget): BudgetBalance {
    const { startMs, endMs } = windowSpan(budget.window, this.#zoneOf(budget), this.#nowMs);
    const zone = endMs === null ? '' : this.#zoneOf(budget);
    const total = this.#total.get(budget.scope, budget.window, zone, startMs) as
      | { readonly spent_nano: number; readonly held_nano: number; readonly warned: number }
      | undefined;
    return {
      budget,
      spentNanoUsd: total?.spent_nano ?? 0,
      heldNanoUsd: total?.held_nano ?? 0,
      resetsAtMs: endMs,
      warnedUpTo: total?.warned ?? 0,
    };
  }

  /** One gauge per budget; for a scope with `*` one per value that has money in the current window. */
  states(budgets: readonly ResolvedBudget[]): readonly BudgetState[] {
    return budgets.flatMap((budget) => {
      if (!budget.scope.includes('=*')) return [this.#state(budget)];
      return this.#scopesInUse(budget)
        .filter((scope) => scopeMatches(budget.scope, scope))
        .map((scope) => this.#state({ ...budget, scope }));
    });
  }

  /** Every budget the file knows, as it was configured when it was last used. */
  known(): readonly BudgetState[] {
    const rows = this.#db
      .prepare('SELECT * FROM budget ORDER BY budget_id DESC LIMIT ?')
      .all(maxBudgets) as KnownBudget[];
    return rows.reverse().map((row) =>
      this.#state({
        id: row.name,
        scope: row.scope,
        window: row.period,
        timezone: row.timezone === '' ? null : row.timezone,
        limitNanoUsd: row.limit_nano,
        mode: row.mode,
        warnAt: [],
        shadow: row.shadow === 1,
        origin: row.origin,
      }),
    );
  }

  #zoneOf(budget: ResolvedBudget): string {
    return budget.timezone ?? this.#timezone;
  }

  #scopesInUse(budget: ResolvedBudget): readonly string[] {
    const { startMs, endMs } = windowSpan(budget.window, this.#zoneOf(budget), this.#nowMs);
    return this.#db
      .prepare(
        `SELECT b.scope FROM budget AS b JOIN total AS t USING (budget_id)
         WHERE b.period = ? AND b.timezone = ? AND t.window_start_ms = ? ORDER BY b.scope`,
      )
      .pluck()
      .all(budget.window, endMs === null ? '' : this.#zoneOf(budget), startMs) as string[];
  }

  #state(budget: ResolvedBudget): BudgetState {
    const { spentNanoUsd, heldNanoUsd, resetsAtMs } = this.balance(budget);
    const { id, scope, window, mode, shadow, limitNanoUsd, origin } = budget;
    const remainingNanoUsd = limitNanoUsd - spentNanoUsd - heldNanoUsd;
    return {
      id,
      scope,
      window,
      timezone: this.#zoneOf(budget),
      mode,
      shadow,
      limitUsd: usdOf(limitNanoUsd),
      spentUsd: usdOf(spentNanoUsd),
      heldUsd: usdOf(heldNanoUsd),
      remainingUsd: usdOf(remainingNanoUsd),
      limitNanoUsd,
      spentNanoUsd,
      heldNanoUsd,
      remainingNanoUsd,
      resetsAt: resetsAtMs === null ? null : new Date(resetsAtMs).toISOString(),
      origin,
    };
  }
}
