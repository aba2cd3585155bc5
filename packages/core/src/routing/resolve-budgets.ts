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

/** The budgets that count a call: those of its tags, with the scope of their values. Null: not of this call. */
export type BudgetsOfCall = readonly (ResolvedBudget | null)[];

/** Which budgets count a target is known before any call; what its tags add is worked out once per call. */
export class BudgetMatcher {
  readonly #budgets: readonly ConfiguredBudget[];
  readonly #always: BudgetsOfCall;
  readonly #haveTags: boolean;

  constructor(budgets: readonly ConfiguredBudget[]) {
    this.#budgets = budgets;
    this.#haveTags = budgets.some(({ budget }) => Object.keys(budget.tags ?? {}).length > 0);
    this.#always = budgets.map(({ resolved }) => resolved);
  }

  /** Places of the budgets that count a target when the tags match too. */
  placesOf(target: Target): readonly number[] {
    return this.#budgets.flatMap(({ budget }, index) => (countsTarget(budget, target) ? [index] : []));
  }

  ofCall(tags: Readonly<Record<string, string>>): BudgetsOfCall {
    if (!this.#haveTags) return this.#always;
    return this.#budgets.map(({ budget, resolved }) => {
      const { provider, endpoint, model } = budget;
      // The scope names the target as the budget does, whatever target it is.
      const scope = scopeOf(budget, tags, { provider, endpoint, model, ...nowhere } as Target);
      if (scope === null) return null;
      return scope === resolved.scope ? resolved : { ...resolved, scope };
    });
  }
}

const nowhere = { profile: '', region: '' };

function countsTarget({ provider, endpoint, model }: Budget, target: Target): boolean {
  return (
    (provider ?? target.provider) === target.provider &&
    (endpoint ?? target.endpoint) === target.endpoint &&
    (model ?? target.model) === target.model
  );
}

/** A call is strict when any budget that counts it is; without budgets the client's mode decides. */
export function isStrict(matching: readonly ResolvedBudget[], mode: BudgetMode): boolean {
  const blocking = matching.filter((budget) => !budget.shadow);
  return blocking.length === 0 ? mode === 'strict_budget' : blocking.some((budget) => budget.mode === 'strict_budget');
}
