import type { LedgerAdmin, Report, ReportQuery } from '@vibe/core';
import { createSqliteLedger } from '../sqlite-ledger.js';

/** What changes a ledger by hand; see `LedgerAdmin` in @vibe/core. */
export interface LedgerAdministration extends LedgerAdmin {
  /** On a thread of its own, for reports that take long. */
  report(query: ReportQuery): Promise<Report>;
  /** Rejects when something could not be written. */
  close(): Promise<void>;
}

/** Opens a ledger file for changes, with a writer thread of its own. */
export function administerLedgerFile(path: string, now: () => number = Date.now): LedgerAdministration {
  const host = { now, random: Math.random, warn: () => undefined };
  const settings = {
    path,
    timezone: null,
    holdLeaseMs: null,
    writerUrl: new URL('./writer.js', import.meta.url),
    readerUrl: new URL('./reader.js', import.meta.url),
  };
  const ledger = createSqliteLedger(settings, host);
  return { ...ledger.admin, report: (query) => ledger.report(query), close: () => ledger.close() };
}
