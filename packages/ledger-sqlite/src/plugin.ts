import { definePlugin } from '@vibe/core';
import { ledgerPath } from './default-path.js';
import { optionsSchema, type SqliteLedgerOptions } from './options.js';
import { createSqliteLedger, createSqliteStore, type LedgerSettings } from './sqlite-ledger.js';

/**
 * A durable ledger and the rate limits in one SQLite file, shared by all processes of the host. Nothing is opened before
 * the first call; a file that cannot be used is `ledger_unavailable` there, with path, reason and remedy.
 */
export const sqliteLedger = definePlugin<SqliteLedgerOptions>({
  name: '@vibe/ledger-sqlite',
  specVersion: 'v1',
  options: optionsSchema,
  create: ({ path, timezone, holdLeaseMs, limiter = true }, host) => {
    const settings: LedgerSettings = {
      path: ledgerPath(path),
      timezone: timezone ?? null,
      holdLeaseMs: holdLeaseMs ?? null,
      // Beside this module once it is built.
      writerUrl: new URL('./writer.js', import.meta.url),
      readerUrl: new URL('./reader.js', import.meta.url),
    };
    if (!limiter) return createSqliteLedger(settings, host);
    const store = createSqliteStore(settings, host);
    return [store.ledger, store.limiter];
  },
});
