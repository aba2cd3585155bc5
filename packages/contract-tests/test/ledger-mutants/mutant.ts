import { type HoldRequest, type Ledger, memoryLedger, type ResolvedBudget, type Settlement } from '@vibe/core';
import type { LedgerEnvironment, LedgerSubject } from '../../src/index.js';

/** A ledger that is wrong on purpose. */
export interface LedgerMutant {
  /** A theme that must catch it, without its mode. */
  readonly caughtBy: string;
  readonly create: (environment: LedgerEnvironment) => LedgerSubject;
}

/** Changes some methods of a right ledger. */
export const changed = (
  caughtBy: string,
  change: (ledger: Ledger, environment: LedgerEnvironment) => Partial<Ledger>,
): LedgerMutant => ({
  caughtBy,
  create: (environment) => {
    const right = memoryLedger(environment);
    const ledger: Ledger = { ...right, ...change(right, environment) };
    return { ledger, close: async () => undefined };
  },
});

/** Rewrites what every hold asks. */
export const holding = (
  caughtBy: string,
  rewrite: (request: HoldRequest, environment: LedgerEnvironment) => HoldRequest,
) => changed(caughtBy, (ledger, environment) => ({ hold: (request) => ledger.hold(rewrite(request, environment)) }));

/** Rewrites what every settlement says. */
export const settling = (caughtBy: string, rewrite: (settlement: Settlement) => Settlement) =>
  changed(caughtBy, (ledger) => ({ settle: (callId, settlement) => ledger.settle(callId, rewrite(settlement)) }));

/** Rewrites the budgets of everything, so that money is counted in the wrong place, but consistently. */
export const misplacing = (caughtBy: string, rewrite: (budget: ResolvedBudget, nowMs: number) => ResolvedBudget) =>
  changed(caughtBy, (ledger, { now }) => {
    const all = (budgets: readonly ResolvedBudget[]) => budgets.map((budget) => rewrite(budget, now()));
    return {
      hold: (request) => ledger.hold({ ...request, budgets: all(request.budgets) }),
      check: (request) => ledger.check({ ...request, budgets: all(request.budgets) }),
      budgets: (query) => ledger.budgets(query === undefined ? undefined : { budgets: all(query.budgets) }),
    };
  });

export const unlimited = (budgets: readonly ResolvedBudget[]) =>
  budgets.map((budget) => ({ ...budget, limitNanoUsd: Number.MAX_SAFE_INTEGER }));

export type LedgerMutants = Readonly<Record<string, LedgerMutant>>;
