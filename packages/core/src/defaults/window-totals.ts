import { usdOf } from '../money/nano-usd.js';
import type { BudgetBalance } from '../policies/budget-admission.js';
import { scopeMatches } from '../policies/budget-scope.js';
import { windowSpan } from '../policies/budget-window.js';
import type { BudgetState, ResolvedBudget } from '../spec/budget.js';
import type { NanoUsd } from '../spec/money.js';

/** From here on windows that have ended are forgotten: only their rows are of interest. */
const maxTotals = 10_000;

/** One budget window: what is spent and held in it. */
export interface WindowTotal {
  readonly budget: ResolvedBudget;
  readonly startMs: number;
  readonly endMs: number | null;
  /** '' for windows that never reset: they are the same in every zone. */
  readonly timezone: string;
  spentNanoUsd: NanoUsd;
  heldNanoUsd: NanoUsd;
  warnedUpTo: number;
}

/** Spent and held money by scope, window and time zone. */
export class WindowTotals {
  readonly #timezone: string;
  readonly #now: () => number;
  readonly #totals = new Map<string, WindowTotal>();

  constructor(timezone: string, now: () => number) {
    this.#timezone = timezone;
    this.#now = now;
  }

  all(): Iterable<WindowTotal> {
    return this.#totals.values();
  }

  /** The current window of a budget. */
  of(budget: ResolvedBudget): WindowTotal {
    const { startMs, endMs, timezone } = this.#windowOf(budget);
    // A `call` budget bounds each call by itself: nothing adds up.
    if (budget.window === 'call') return emptyTotal(budget, startMs, endMs, timezone);
    const key = `${budget.scope}|${budget.window}|${timezone}|${startMs}`;
    let total = this.#totals.get(key);
    if (total === undefined) {
      if (this.#totals.size >= maxTotals) this.#forgetEnded();
      total = emptyTotal(budget, startMs, endMs, timezone);
      this.#totals.set(key, total);
    }
    return total;
  }

  /** One gauge per budget; for a scope with `*` one per value seen. Without a list: every window in use now. */
  states(budgets: readonly ResolvedBudget[] | undefined): readonly BudgetState[] {
    const nowMs = this.#now();
    // A clock may be set back: then there are windows that have not begun.
    const isNow = ({ startMs, endMs }: WindowTotal) => startMs <= nowMs && (endMs === null || nowMs < endMs);
    const current = [...this.#totals.values()].filter(isNow);
    if (budgets === undefined) return current.map((total) => this.#stateOf(total, total.budget));
    return budgets.flatMap((budget) => {
      if (!budget.scope.includes('=*')) return [this.#stateOf(this.of(budget), budget)];
      const { timezone } = this.#windowOf(budget);
      return current
        .filter(
          (total) =>
            total.budget.window === budget.window &&
            total.timezone === timezone &&
            scopeMatches(budget.scope, total.budget.scope),
        )
        .map((total) => this.#stateOf(total, { ...budget, scope: total.budget.scope }));
    });
  }

  #windowOf(budget: ResolvedBudget): Pick<WindowTotal, 'startMs' | 'endMs' | 'timezone'> {
    const zone = this.#zoneOf(budget);
    const { startMs, endMs } = windowSpan(budget.window, zone, this.#now());
    return { startMs, endMs, timezone: endMs === null ? '' : zone };
  }

  #zoneOf({ timezone }: ResolvedBudget): string {
    return timezone ?? this.#timezone;
  }

  #stateOf(total: WindowTotal, budget: ResolvedBudget): BudgetState {
    return stateOf(total, budget, this.#zoneOf(budget));
  }

  #forgetEnded(): void {
    const nowMs = this.#now();
    for (const [key, { endMs, heldNanoUsd }] of this.#totals) {
      if (endMs !== null && endMs <= nowMs && heldNanoUsd === 0) this.#totals.delete(key);
    }
  }
}

function emptyTotal(budget: ResolvedBudget, startMs: number, endMs: number | null, timezone: string): WindowTotal {
  return { budget, startMs, endMs, timezone, spentNanoUsd: 0, heldNanoUsd: 0, warnedUpTo: 0 };
}

export function balanceOf(total: WindowTotal, budget: ResolvedBudget): BudgetBalance {
  const { spentNanoUsd, heldNanoUsd, endMs, warnedUpTo } = total;
  return { budget, spentNanoUsd, heldNanoUsd, resetsAtMs: endMs, warnedUpTo };
}

function stateOf(total: WindowTotal, budget: ResolvedBudget, timezone: string): BudgetState {
  const { spentNanoUsd, heldNanoUsd, endMs } = total;
  const { id, scope, window, mode, shadow, limitNanoUsd, origin } = budget;
  const remainingNanoUsd = limitNanoUsd - spentNanoUsd - heldNanoUsd;
  return {
    id,
    scope,
    window,
    timezone,
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
    resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    origin,
  };
}
