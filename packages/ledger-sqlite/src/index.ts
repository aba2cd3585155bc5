export { defaultLedgerPath } from './default-path.js';
export type { SqliteLedgerOptions } from './options.js';
export { sqliteLedger, sqliteLedger as default } from './plugin.js';
export type { LedgerCounters, SqliteLedger } from './sqlite-ledger.js';
