import { nanoUsdOf } from '../money/nano-usd.js';
import { scopeOf, scopePattern } from '../policies/budget-scope.js';
import type { Budget, BudgetMode, ResolvedBudget } from '../spec/budget.js';
import type { Target } from '../spec/target.js';

/** A configured budget with what does not depend on the call worked out once. */
export interface ConfiguredBudget {
  readonly budget: Budget;
  readonly resolved: ResolvedBudget;
}

/** Budgets as configured, with defaults. The scope of `resolved` still has `*` where there is one budget per value. */
export function configureBudgets(
  budgets: readonly Budget[],
  mode: BudgetMode,
  origins: readonly string[],
): readonly ConfiguredBudget[] {
  return budgets.map((budget, index) => {
    const scope = scopePattern(budget);
    return {
      budget,
      resolved: {
        id: budget.id ?? (scope === 'all' ? budget.window : `${budget.window} ${scope}`),
        scope,
        window: budget.window,
        timezone: budget.timezone ?? null,
        limitNanoUsd: nanoUsdOf(budget.limitUsd, 'limitUsd'),
        mode: budget.mode ?? mode,
        warnAt: budget.warnAt ?? [],
        shadow: budget.shadow ?? false,
        origin: origins[index] ?? 'createVibe',
      },
    };
  });
}

/** All budgets that count a call to this target. */
export function matchingBudgets(
  budgets: readonly ConfiguredBudget[],
  tags: Readonly<Record<string, string>>,
  target: Target,
): readonly ResolvedBudget[] {
  const matching: ResolvedBudget[] = [];
  for (const { budget, resolved } of budgets) {
    const scope = scopeOf(budget, tags, target);
    if (scope !== null) matching.push(scope === resolved.scope ? resolved : { ...resolved, scope });
  }
  return matching;
}

/** A call is strict when any budget that counts it is; without budgets the client's mode decides. */
export function isStrict(matching: readonly ResolvedBudget[], mode: BudgetMode): boolean {
  const blocking = matching.filter((budget) => !budget.shadow);
  return blocking.length === 0 ? mode === 'strict_budget' : blocking.some((budget) => budget.mode === 'strict_budget');
}
