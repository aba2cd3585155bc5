import type { HoldRequest } from '@vibe/core';
import { target } from '../../src/ledger/samples.js';
import { changed, type LedgerMutants, settling, unlimited } from './mutant.js';

/** Wrong at the end of a call. */
export const settlementMutants: LedgerMutants = {
  'settles as often as it is told to': changed('settlement', (ledger) => {
    const requests = new Map<string, HoldRequest>();
    const settled = new Set<string>();
    return {
      hold(request) {
        requests.set(request.callId, request);
        return ledger.hold(request);
      },
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
      hold(request) {
        held.set(request.callId, request.amountNanoUsd);
        return ledger.hold(request);
      },
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
      hold(request) {
        held.set(request.callId, request.amountNanoUsd);
        return ledger.hold(request);
      },
      settle: (callId, settlement) => ledger.settle(callId, { ...settlement, actualNanoUsd: held.get(callId) ?? 0 }),
    };
  }),
  'forgets the further budgets of an extension': changed('targets', (ledger) => ({
    extend: (callId, toNanoUsd) => ledger.extend(callId, toNanoUsd),
  })),
  'brings only the last of several further budgets into a hold': changed('targets', (ledger) => ({
    extend: (callId, toNanoUsd, also) =>
      ledger.extend(callId, toNanoUsd, also && { ...also, budgets: also.budgets.slice(-1) }),
  })),
  'leaves a hold as lax as it was when an extension makes it strict': changed('targets', (ledger) => ({
    extend: (callId, toNanoUsd, also) => ledger.extend(callId, toNanoUsd, also && { ...also, strict: false }),
  })),
  'charges all budgets for every target': settling('targets', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, target })),
  })),
  'releases a strict hold of unknown cost': changed('settlement', (ledger) => ({
    hold: (request) => ledger.hold({ ...request, strict: false }),
  })),
  'takes an unknown cost for 0': settling('settlement', (settlement) => ({
    ...settlement,
    attempts: settlement.attempts.map((attempt) => ({ ...attempt, actualNanoUsd: attempt.actualNanoUsd ?? 0 })),
  })),
};
