import { Circuits } from '../policies/circuits.js';
import { targetKey } from '../policies/target-key.js';
import type { BudgetMode, ResolvedBudget } from '../spec/budget.js';
import type { Limits } from '../spec/limiter.js';
import type { CatalogEntry } from './catalog.js';
import type { Place, Reachability } from './reachability.js';
import { type BudgetMatcher, type BudgetsOfCall, isStrict } from './resolve-budgets.js';
import { limitsOf } from './resolve-limits.js';

/** What is known of a catalog entry before any call. */
export interface CandidateFacts {
  readonly key: string;
  readonly circuitKey: string;
  readonly limits: Limits;
  /** Null: its endpoint is not probed. */
  readonly place: Place | null;
  budgetsOf(ofCall: BudgetsOfCall): MatchedBudgets;
}

/** The budgets that count a call to a candidate. */
export interface MatchedBudgets {
  readonly budgets: readonly ResolvedBudget[];
  /** The hold must be durable before the request leaves. */
  readonly strict: boolean;
}

export interface FactsParts {
  readonly matcher: BudgetMatcher;
  readonly mode: BudgetMode;
  readonly limits: Readonly<Record<string, Limits>>;
  readonly reachability: Reachability;
}

export function candidateFacts(
  { matcher, mode, limits, reachability }: FactsParts,
  entry: CatalogEntry,
): CandidateFacts {
  const { target, endpoint } = entry;
  const places = matcher.placesOf(target);
  let lastAsked: BudgetsOfCall | null = null;
  let lastMatched: MatchedBudgets | null = null;
  return {
    key: targetKey(target),
    circuitKey: Circuits.keyOf(target),
    limits: limitsOf(limits, target, endpoint.rateLimits),
    place: reachability.placeOf(entry),
    budgetsOf(ofCall) {
      // Without budgets by tag it is the same list for every call.
      if (lastMatched === null || lastAsked !== ofCall) {
        const budgets = places.flatMap((place) => ofCall[place] ?? []);
        lastAsked = ofCall;
        lastMatched = { budgets, strict: isStrict(budgets, mode) };
      }
      return lastMatched;
    },
  };
}
