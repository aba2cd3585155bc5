import type { Ledger } from '@vibe/core';
import type { LedgerParts } from './ledger-parts.js';

/** How what was sent becomes durable, and how everything ends. */
export function ending({ queue, settlements, abandoned, questions }: LedgerParts): Pick<Ledger, 'flush' | 'close'> {
  let closing: Promise<void> | null = null;

  const close = async () => {
    try {
      abandoned.retry();
      await settlements.retry();
      // What a writer in trouble cannot take was told to its callers; only unwritten money is told again, also that of
      // settlements which were on their way until now.
      if (queue.started) await queue.barrier(true).then(settlements.retry, settlements.refuseUnwritten);
    } finally {
      settlements.stop();
      abandoned.stop();
      await Promise.all([queue.close(), questions.close()]);
    }
  };

  return {
    flush: async () => {
      abandoned.retry();
      await settlements.retry();
      if (queue.started) await queue.barrier(true);
      // Of those that were on their way some may have failed before the barrier did not.
      if (settlements.areOverdue) {
        await settlements.retry();
        await queue.barrier(true);
      }
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
