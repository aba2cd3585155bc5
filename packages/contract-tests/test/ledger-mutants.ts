import { type HoldRequest, type Ledger, memoryLedger, type ResolvedBudget, type Settlement } from '@vibe/core';
import type { LedgerEnvironment, LedgerSubject } from '../src/index.js';
import { durableMemoryLedger } from './durable-memory-ledger.js';

/** A ledger that is wrong on purpose. */
export interface LedgerMutant {
  /** A theme that must catch it, without its mode. */
  readonly caughtBy: string;
  readonly create: (environment: LedgerEnvironment) => LedgerSubject;
}

/** Changes some methods of a right ledger. */
const changed =
  (caughtBy: string, change: (ledger: Ledger, environment: LedgerEnvironment) => Partial<Ledger>): LedgerMutant => ({
    caughtBy,
    create: (environment) => {
      const right = memoryLedger(environment);
      const ledger: Ledger = { ...right, ...change(right, environment) };
      return { ledger, close: () => ledger.close() };
    },
  });

/** Rewrites what every hold asks. */
const holding = (caughtBy: string, rewrite: (request: HoldRequest, environment: LedgerEnvironment) => HoldRequest) =>
  changed(caughtBy, (ledger, environment) => ({ hold: (request) => ledger.hold(rewrite(request, environment)) }));

/** Rewrites what every settlement says. */
const settling = (caughtBy: string, rewrite: (settlement: Settlement) => Settlement) =>
  changed(caughtBy, (ledger) => ({ settle: (callId, settlement) => ledger.settle(callId, rewrite(settlement)) }));

/** Rewrites the budgets of everything, so that money is counted in the wrong place, but consistently. */
const misplacing = (caughtBy: string, rewrite: (budget: ResolvedBudget, nowMs: number) => ResolvedBudget) =>
  changed(caughtBy, (ledger, { now }) => {
    const all = (budgets: readonly ResolvedBudget[]) => budgets.map((budget) => rewrite(budget, now()));
    return {
      hold: (request) => ledger.hold({ ...request, budgets: all(request.budgets) }),
      check: (request) => ledger.check({ ...request, budgets: all(request.budgets) }),
      budgets: (query) => ledger.budgets(query === undefined ? undefined : { budgets: all(query.budgets) }),
    };
  });

const unlimited = (budgets: readonly ResolvedBudget[]) =>
  budgets.map((budget) => ({ ...budget, limitNanoUsd: Number.MAX_SAFE_INTEGER }));

const dayMs = 86_400_000;

export const ledgerMutants: Readonly<Record<string, LedgerMutant>> = {
  'settles as often as it is told to': changed('settlement', (ledger) => {
    const requests = new Map<string, HoldRequest>();
    const settled = new Set<string>();
    return {
      hold: (request) => (requests.set(request.callId, request), ledger.hold(request)),
      async settle(callId, settlement) {
        const request = requests.get(callId);
        if (request === undefined || !settled.has(callId)) settled.add(callId);
        else {
          const again = `${callId} again ${settled.size}`;
          settled.add(again);
          await ledger.hold({ ...request, callId: again, budgets: unlimited(request.budgets) });
          return ledger.settle(again, settlement);
        }
        return ledger.settle(callId, settlement);
      },
    };
  }),
  'keeps the hold of a cancelled call': changed('settlement', (ledger) => ({
    settle: async (callId, settlement) =>
      settlement.status === 'cancelled' ? undefined : ledger.settle(callId, settlement),
  })),
  'keeps the hold of a call without a request': changed('settlement', (ledger) => ({
    settle: async (callId, settlement) =>
      settlement.attempts.length === 0 ? undefined : ledger.settle(callId, settlement),
  })),
  'spends no more than was held': changed('settlement', (ledger) => {
    const held = new Map<string, number>();
    return {
      hold: (request) => (held.set(request.callId, request.amountNanoUsd), ledger.hold(request)),
      settle: (callId, settlement) =>
        ledger.settle(callId, {
          ...settlement,
          actualNanoUsd: Math.min(settlement.actualNanoUsd ?? 0, held.get(callId) ?? 0),
        }),
    };
  }),
  'spends all that was held': changed('settlement', (ledger) => {
    const held = new Map<string, number>();
    return {
      hold: (request) => (held.set(request.callId, request.amountNanoUsd), ledger.hold(request)),
      settle: (callId, settlement) => ledger.settle(callId, { ...settlement, actualNanoUsd: held.get(callId) ?? 0 }),
    };
  }),
  'takes an unknown cost for 0': settling('settlement', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, actualNanoUsd: attempt.actualNanoUsd ?? 0 })),
  })),
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
      hold: (request) => (requests.set(request.callId, request), ledger.hold(request)),
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
  'charges only the first budget': holding('transactions', (request) => ({
    ...request,
    budgets: request.budgets.slice(0, 1),
  })),
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
        hold: (request) => (requests.set(request.callId, request), right.hold(request)),
        async settle(callId, settlement) {
          const request = requests.get(callId);
          if (request === undefined) return;
          requests.delete(callId);
          await right.admin?.resolve(callId, 'released');
          await right.hold({ ...request, callId: `${callId} now`, budgets: unlimited(request.budgets) });
          await right.settle(`${callId} now`, settlement);
        },
      };
      return { ledger, close: () => ledger.close() };
    },
  },
  'counts all scopes together': misplacing('scopes', (budget) => ({ ...budget, scope: 'all' })),
  'counts by the name of the budget': misplacing('scopes', (budget) =>
    budget.scope.includes('*') ? budget : { ...budget, scope: `${budget.scope};id=${encodeURIComponent(budget.id)}` },
  ),
  'shows all values of a wildcard as one': changed('scopes', (ledger) => ({
    budgets: async (query) => (await ledger.budgets(query)).slice(0, 1),
  })),
  'warns with every hold': changed('warnings', (ledger) => {
    let last: Awaited<ReturnType<Ledger['hold']>>['crossings'] = [];
    return {
      async hold(request) {
        const hold = await ledger.hold(request);
        if (hold.crossings.length > 0) last = hold.crossings;
        return { ...hold, crossings: last };
      },
    };
  }),
  'never warns': changed('warnings', (ledger) => ({
    hold: async (request) => ({ ...(await ledger.hold(request)), crossings: [] }),
  })),
  'lets a shadow budget refuse': holding('warnings', (request) => ({
    ...request,
    budgets: request.budgets.map((budget) => ({ ...budget, shadow: false })),
  })),
  'lets every budget be a shadow': holding('warnings', (request) => ({
    ...request,
    budgets: request.budgets.map((budget) => ({ ...budget, shadow: true })),
  })),
  'forgets idempotency keys': holding('idempotency', ({ idempotencyKey: _, ...request }) => request),
  'burns the key of a refused call': changed('idempotency', (ledger) => ({
    async hold(request) {
      const { idempotencyKey, budgets } = request;
      if (idempotencyKey === undefined) return ledger.hold(request);
      await ledger.hold({ ...request, callId: `${idempotencyKey} of ${request.callId}`, amountNanoUsd: 0, budgets: [] });
      const { idempotencyKey: _, ...rest } = request;
      return ledger.hold({ ...rest, budgets });
    },
  })),
  'writes one row per call': settling('reports', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.slice(-1),
  })),
  'leaves cancelled calls out of its reports': changed('reports', (ledger) => ({
    settle: (callId, settlement) =>
      ledger.settle(callId, settlement.status === 'cancelled' ? { ...settlement, attempts: [] } : settlement),
  })),
  'reports without an end': changed('reports', (ledger) => ({
    report: ({ untilMs: _, ...query }) => ledger.report(query),
  })),
  'counts cancelled requests as failures of the target': changed('reports', (ledger) => ({
    settle: (callId, settlement) =>
      ledger.settle(callId, {
        ...settlement,
        attempts: settlement.attempts.map((attempt) =>
          attempt.status === 'cancelled' ? { ...attempt, status: 'failed' } : attempt,
        ),
      }),
  })),
  'forgets blocked calls': changed('blockedCalls', () => ({ block: async () => undefined })),
  'forgets what it corrects': changed('administration', (ledger) => ({
    admin: { ...(ledger.admin as NonNullable<Ledger['admin']>), correct: async () => undefined },
  })),
  'releases what is resolved as spent': changed('administration', (ledger) => ({
    admin: {
      ...(ledger.admin as NonNullable<Ledger['admin']>),
      resolve: async (callId) => ledger.admin?.resolve(callId, 'released'),
    },
  })),
  'cannot be closed twice': changed('lifetime', (ledger) => {
    let isClosed = false;
    return {
      async close() {
        if (isClosed) throw new Error('closed already');
        isClosed = true;
        await ledger.close();
      },
    };
  }),
  'loses everything when it is closed': {
    caughtBy: 'durability',
    create: (environment) => {
      const ledger = memoryLedger(environment);
      return { ledger, close: () => ledger.close(), reopen: async () => memoryLedger(environment) };
    },
  },
  'releases every hold when it is closed': {
    caughtBy: 'durability',
    create: (environment) => {
      const subject = durableMemoryLedger(environment);
      return {
        ...subject,
        async reopen() {
          const { admin } = subject.ledger;
          for (const { callId } of (await admin?.holds()) ?? []) await admin?.resolve(callId, 'released');
          return subject.ledger;
        },
      };
    },
  },
  'holds for ever what a dead process held': {
    caughtBy: 'expiry',
    create: (environment) => {
      const { ledger, close } = durableMemoryLedger(environment);
      return { ledger, close, reopen: async () => ledger };
    },
  },
  'ignores a settlement that comes late': {
    caughtBy: 'expiry',
    create: (environment) => {
      const subject = durableMemoryLedger(environment);
      const reopen = subject.reopen as NonNullable<LedgerSubject['reopen']>;
      let reopened = 0;
      const settle: Ledger['settle'] = async (callId, settlement) =>
        reopened > 0 ? undefined : subject.ledger.settle(callId, settlement);
      const ledger = { ...subject.ledger, settle };
      return { ledger, close: subject.close, reopen: async () => (reopened++, await reopen(), ledger) };
    },
  },
};

/** Ten times 0.1 is not 1. */
function floated(nanoUsd: number): number {
  let usd = 0;
  for (let rest = nanoUsd; rest > 0; rest -= 100_000_000) usd += Math.min(rest, 100_000_000) / 1e9;
  return usd * 1e9;
}
