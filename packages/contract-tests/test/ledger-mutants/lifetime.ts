import { type Ledger, memoryLedger } from '@vibe/core';
import type { LedgerSubject } from '../../src/index.js';
import { durableMemoryLedger } from '../durable-memory-ledger.js';
import { changed, type LedgerMutants } from './mutant.js';

/** Wrong when their process ends. */
export const lifetimeMutants: LedgerMutants = {
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
  'releases what a running call holds when its lease has run out': changed('lifetime', (ledger, { now }) => {
    const leases = new Map<string, number>();
    return {
      async hold(request) {
        for (const [callId, untilMs] of leases) {
          if (untilMs > now()) continue;
          leases.delete(callId);
          await ledger.admin?.resolve(callId, 'released');
        }
        const hold = await ledger.hold(request);
        leases.set(request.callId, now() + request.leaseMs);
        return hold;
      },
    };
  }),
  'loses everything when it is closed': {
    caughtBy: 'durability',
    create: (environment) => {
      const ledger = memoryLedger(environment);
      return { ledger, close: async () => undefined, reopen: async () => memoryLedger(environment) };
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
      return {
        ledger,
        close: subject.close,
        async reopen() {
          reopened++;
          await reopen();
          return ledger;
        },
      };
    },
  },
};
