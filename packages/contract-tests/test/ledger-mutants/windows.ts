import { type HoldRequest, type Ledger, memoryLedger } from '@vibe/core';
import { changed, type LedgerMutants, misplacing, unlimited } from './mutant.js';

const dayMs = 86_400_000;

/** Wrong about which money counts together. */
export const windowsMutants: LedgerMutants = {
  'takes a day for an hour': misplacing('windows', (budget) =>
    budget.window === 'hour' ? { ...budget, window: 'day' } : budget,
  ),
  'counts days in UTC': misplacing('windows', (budget) => ({ ...budget, timezone: 'UTC' })),
  'takes every day for 24 hours': misplacing('windows', (budget, nowMs) => {
    if (budget.window !== 'day' || budget.timezone !== 'Europe/Berlin') return budget;
    // From the end of winter on, an hour ahead of UTC all the year round.
    return { ...budget, window: 'total', scope: `${budget.scope};day=${Math.floor((nowMs + dayMs / 24) / dayMs)}` };
  }),
  'starts weeks on Sunday': misplacing('windows', (budget, nowMs) => {
    if (budget.window !== 'week') return budget;
    return { ...budget, window: 'total', scope: `${budget.scope};week=${Math.floor((nowMs / dayMs + 4) / 7)}` };
  }),
  'forgets a total after a year': misplacing('windows', (budget, nowMs) =>
    budget.window === 'total' ? { ...budget, scope: `${budget.scope};year=${new Date(nowMs).getFullYear()}` } : budget,
  ),
  'charges the window of the settlement': {
    caughtBy: 'windows',
    create: (environment) => {
      const right = memoryLedger(environment);
      const requests = new Map<string, HoldRequest>();
      const ledger: Ledger = {
        ...right,
        hold(request) {
          requests.set(request.callId, request);
          return right.hold(request);
        },
        async settle(callId, settlement) {
          const request = requests.get(callId);
          if (request === undefined) return;
          requests.delete(callId);
          await right.admin?.resolve(callId, 'released');
          await right.hold({ ...request, callId: `${callId} now`, budgets: unlimited(request.budgets) });
          await right.settle(`${callId} now`, settlement);
        },
      };
      return { ledger, close: async () => undefined };
    },
  },
  'compares scopes as some databases do': misplacing('scopes', (budget) => ({
    ...budget,
    scope: budget.scope.toLowerCase().trimEnd(),
  })),
  'counts all scopes together': misplacing('scopes', (budget) => ({ ...budget, scope: 'all' })),
  'counts by the name of the budget': misplacing('scopes', (budget) =>
    budget.scope.includes('*') ? budget : { ...budget, scope: `${budget.scope};id=${encodeURIComponent(budget.id)}` },
  ),
  'shows all values of a wildcard as one': changed('scopes', (ledger) => ({
    budgets: async (query) => (await ledger.budgets(query)).slice(0, 1),
  })),
};
