import type { LedgerAdmin, Report, ReportQuery } from '@vibe/core';
import type { SqliteLedger } from '../sqlite-ledger.js';

/** What changes a ledger by hand; see `LedgerAdmin` in @vibe/core. */
export interface LedgerAdministration extends LedgerAdmin {
  /** On a thread of its own, for reports that take long. */
  report(query: ReportQuery): Promise<Report>;
  /** Rejects when something could not be written. */
  close(): Promise<void>;
}

/** Opens a ledger file for changes, with a writer thread of its own. Nothing is loaded or opened before it is asked. */
export function administerLedgerFile(path: string, now: () => number = Date.now): LedgerAdministration {
  let opened: Promise<SqliteLedger> | null = null;
  const ledger = () => {
    opened ??= openLedger(path, now);
    return opened;
  };
  return {
    calls: async (query) => (await (await ledger()).admin.calls?.(query)) ?? [],
    verify: async () => (await ledger()).admin.verify(),
    holds: async () => (await ledger()).admin.holds(),
    resolve: async (callId, how) => (await ledger()).admin.resolve(callId, how),
    correct: async (callId, correction) => (await ledger()).admin.correct(callId, correction),
    rebuild: async () => (await ledger()).admin.rebuild(),
    report: async (query) => (await ledger()).report(query),
    close: async () => (await opened)?.close(),
  };
}

async function openLedger(path: string, now: () => number): Promise<SqliteLedger> {
  const { createSqliteLedger } = await import('../sqlite-ledger.js');
  const host = { now, random: Math.random, warn: () => undefined };
  const settings = {
    path,
    timezone: null,
    holdLeaseMs: null,
    writerUrl: new URL('./writer.js', import.meta.url),
    readerUrl: new URL('./reader.js', import.meta.url),
  };
  return createSqliteLedger(settings, host);
}
