import { type HoldRequest, type Ledger, memoryLedger } from '@vibe/core';
import type { LedgerEnvironment, LedgerSubject } from '../src/index.js';

/**
 * A memory ledger whose memory stands for a file: what is opened again is the same ledger, after holds whose lease has
 * run out were decided. The shortest correct answer to what the suite asks of durable ledgers.
 */
export function durableMemoryLedger(environment: LedgerEnvironment): LedgerSubject & { readonly ledger: Ledger } {
  const store = memoryLedger(environment);
  const leases = new Map<string, { readonly request: HoldRequest; readonly untilMs: number }>();
  const booked = new Map<string, number>();
  const admin = store.admin as NonNullable<Ledger['admin']>;
  const ledger: Ledger = {
    ...store,
    async hold(request) {
      const hold = await store.hold(request);
      leases.set(request.callId, { request, untilMs: environment.now() + request.leaseMs });
      return hold;
    },
    async settle(callId, settlement) {
      leases.delete(callId);
      const bookedNanoUsd = booked.get(callId);
      if (bookedNanoUsd === undefined) return store.settle(callId, settlement);
      booked.delete(callId);
      const deltaNanoUsd = (settlement.actualNanoUsd ?? 0) - bookedNanoUsd;
      await admin.correct(callId, { deltaNanoUsd, reason: 'settled late' });
    },
  };
  return {
    ledger,
    close: async () => undefined,
    async reopen() {
      for (const [callId, { request, untilMs }] of leases) {
        if (untilMs > environment.now()) continue;
        leases.delete(callId);
        booked.set(callId, request.strict ? request.amountNanoUsd : 0);
        await admin.resolve(callId, request.strict ? 'spent' : 'released');
      }
      return ledger;
    },
  };
}
