export { defaultLedgerPath } from './default-path.js';
export type { AccuracyRow } from './file/accuracy.js';
export { administerLedgerFile, type LedgerAdministration } from './file/administration.js';
export type { AttemptRow, AttemptsQuery } from './file/attempt-rows.js';
export {
  type Archived,
  type ArchiveOptions,
  archiveOldCalls,
  type Compacted,
  compactLedgerFile,
} from './file/compact.js';
export { type LedgerFacts, type LedgerFile, type LedgerFileOptions, openLedgerFile } from './file/ledger-file.js';
