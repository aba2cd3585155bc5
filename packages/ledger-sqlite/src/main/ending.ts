import type { Ledger } from '@vibe/core';
import type { LedgerParts } from './ledger-parts.js';

/** How what was sent becomes durable, and how everything ends. */
export function ending({ queue, settlements, questions }: LedgerParts): Pick<Ledger, 'flush' | 'close'> {
  let closing: Promise<void> | null = null;

  const close = async () => {
    try {
      await settlements.retry();
      // What a writer in trouble cannot take was told to its callers; only unwritten money is told again.
      if (queue.started) await queue.barrier(true).catch(() => undefined);
    } finally {
      settlements.stop();
      await Promise.all([queue.close(), questions.close()]);
    }
  };

  return {
    flush: async () => {
      await settlements.retry();
      if (queue.started) await queue.barrier(true);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
