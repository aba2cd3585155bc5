import type { Ledger } from '@vibe/core';
import { changed, holding, type LedgerMutants, settling } from './mutant.js';

/** Wrong about what they tell, remember and report. */
export const recordsMutants: LedgerMutants = {
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
  'forgets the tags of a hold': holding('reports', (request) => ({ ...request, tags: {} })),
  'forgets which trace a hold is of': holding('administration', (request) => ({ ...request, traceId: '' })),
  'lists holds without their targets': changed('administration', (ledger) => ({
    admin: {
      ...(ledger.admin as NonNullable<Ledger['admin']>),
      holds: async () => ((await ledger.admin?.holds()) ?? []).map((hold) => ({ ...hold, target: null })),
    },
  })),
  'forgets idempotency keys': holding('idempotency', ({ idempotencyKey: _, ...request }) => request),
  'compares idempotency keys as some databases do': holding('idempotency', (request) => {
    const { idempotencyKey, ...rest } = request;
    return idempotencyKey === undefined ? request : { ...rest, idempotencyKey: idempotencyKey.toLowerCase().trimEnd() };
  }),
  'keeps the beginning of idempotency keys': holding('idempotency', (request) => {
    const { idempotencyKey, ...rest } = request;
    return idempotencyKey === undefined ? request : { ...rest, idempotencyKey: idempotencyKey.slice(0, 64) };
  }),
  'knows one target per provider': changed('reports', (ledger) => ({
    stats: async (query) => (await ledger.stats(query)).slice(0, 1),
  })),
  'burns the key of a refused call': changed('idempotency', (ledger) => ({
    async hold(request) {
      const { idempotencyKey, budgets } = request;
      if (idempotencyKey === undefined) return ledger.hold(request);
      await ledger.hold({
        ...request,
        callId: `${idempotencyKey} of ${request.callId}`,
        amountNanoUsd: 0,
        budgets: [],
      });
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
  'forgets why requests failed': settling('reportLines', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, errorCode: null })),
  })),
  'forgets why a call without a request ended': settling('reports', ({ errorCode: _, ...settlement }) => settlement),
  'forgets where a call without a request would have gone': settling(
    'reports',
    ({ target: _, ...settlement }) => settlement,
  ),
  'forgets what the units of a request cost': settling('reportLines', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, lines: [] })),
  })),
  'forgets the cost of all units but one': settling('reportLines', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, lines: attempt.lines.slice(0, 1) })),
  })),
  'forgets by which prices a request was billed': settling('administration', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({
      ...attempt,
      lines: attempt.lines.map((line) => ({ ...line, priceId: '' })),
    })),
  })),
  'forgets who has answered': settling('administration', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, servedModel: null })),
  })),
  'forgets the target and the tags of a blocked call': changed('blockedCalls', (ledger) => ({
    block: async (blocked) => ledger.block?.({ ...blocked, target: null, tags: {} }),
  })),
  'takes every blocked call for one of a budget': changed('blockedCalls', (ledger) => ({
    block: async (blocked) => ledger.block?.({ ...blocked, status: 'blocked', errorCode: 'budget_exceeded' }),
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
};
