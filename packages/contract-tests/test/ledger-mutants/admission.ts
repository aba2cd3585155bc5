import { type HoldRequest, type ResolvedBudget, VibeError } from '@vibe/core';
import { changed, holding, type LedgerMutants, unlimited } from './mutant.js';

/** Wrong when they decide about a hold. */
export const admissionMutants: LedgerMutants = {
  'counts in USD with a fraction': changed('admission', (ledger) => ({
    async budgets(query) {
      const states = await ledger.budgets(query);
      return states.map((state) => ({ ...state, spentNanoUsd: floated(state.spentNanoUsd) }));
    },
  })),
  'admits up to a cent more': holding('admission', (request) => ({
    ...request,
    budgets: request.budgets.map((budget) => ({ ...budget, limitNanoUsd: budget.limitNanoUsd + 10_000_000 })),
  })),
  'refuses what fits exactly': holding('admission', (request) => ({
    ...request,
    budgets: request.budgets.map((budget) => ({ ...budget, limitNanoUsd: Math.max(0, budget.limitNanoUsd - 1) })),
  })),
  'refuses a hold of nothing': changed('admission', (ledger) => ({
    async hold(request) {
      if (request.amountNanoUsd === 0) throw new VibeError('invalid_request', 'there is nothing to hold');
      return ledger.hold(request);
    },
  })),
  'takes any number for money': holding('admission', (request) => ({
    ...request,
    amountNanoUsd: Number.isFinite(request.amountNanoUsd) ? Math.max(0, Math.floor(request.amountNanoUsd)) : 0,
  })),
  'remembers the first limit it was told': changed('admission', (ledger) => {
    const limits = new Map<string, number>();
    const first = (budget: ResolvedBudget) => {
      const key = `${budget.scope} ${budget.window}`;
      if (!limits.has(key)) limits.set(key, budget.limitNanoUsd);
      return { ...budget, limitNanoUsd: limits.get(key) ?? 0 };
    };
    return { hold: (request) => ledger.hold({ ...request, budgets: request.budgets.map(first) }) };
  }),
  'holds when it is asked to check': changed('admission', (ledger) => ({
    async check(request) {
      await ledger.hold({ ...request, budgets: unlimited(request.budgets) });
      return { allowed: true, refusal: null };
    },
  })),
  'extends without asking the budgets': changed('admission', (ledger) => {
    const requests = new Map<string, HoldRequest>();
    return {
      hold(request) {
        requests.set(request.callId, request);
        return ledger.hold(request);
      },
      async extend(callId, toNanoUsd) {
        const { budgets = [], amountNanoUsd = 0, ...rest } = requests.get(callId) ?? {};
        if (toNanoUsd <= amountNanoUsd) return;
        const more = { ...rest, callId: `${callId} more`, amountNanoUsd: toNanoUsd - amountNanoUsd };
        await ledger.hold({ ...(more as HoldRequest), budgets: unlimited(budgets) });
      },
    };
  }),
  'checks first and writes later': changed('transactions', (ledger) => ({
    async hold(request) {
      const { allowed } = await ledger.check(request);
      if (!allowed) return ledger.hold(request);
      await new Promise((resolve) => setImmediate(resolve));
      return ledger.hold({ ...request, budgets: unlimited(request.budgets) });
    },
  })),
  'charges one budget after the other': changed('transactions', (ledger) => ({
    async hold(request) {
      for (const [index, budget] of request.budgets.slice(0, -1).entries())
        await ledger.hold({ ...request, callId: `${request.callId}/${index}`, budgets: [budget] });
      return ledger.hold({ ...request, budgets: request.budgets.slice(-1) });
    },
  })),
  'checks only the first budget': changed('transactions', (ledger) => ({
    check: (request) => ledger.check({ ...request, budgets: request.budgets.slice(0, 1) }),
  })),
  'checks no budget for one call': changed('transactions', (ledger) => ({
    check: (request) =>
      ledger.check({ ...request, budgets: request.budgets.filter(({ window }) => window !== 'call') }),
  })),
  'charges only the first budget': holding('transactions', (request) => ({
    ...request,
    budgets: request.budgets.slice(0, 1),
  })),
};

/** Ten times 0.1 is not 1. */
function floated(nanoUsd: number): number {
  let usd = 0;
  for (let rest = nanoUsd; rest > 0; rest -= 100_000_000) usd += Math.min(rest, 100_000_000) / 1e9;
  return usd * 1e9;
}
