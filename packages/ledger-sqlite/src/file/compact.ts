import { existsSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { failureOf, unavailable } from '../database/failure.js';
import { migrations } from '../database/migrations/index.js';
import { retryBusy } from '../database/retry-busy.js';
import { assertReadable } from '../database/schema.js';
import { errorOf } from '../main/failures.js';

export interface Compacted {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** How long it waits for programs that write at this moment. */
const lockDeadlineMs = 30_000;

/**
 * Writes the file anew without its free pages and takes the write-ahead log into it. Nothing is deleted: events, rows
 * and totals stay. Needs as much free disk as the file is large; others wait meanwhile. Throws `ledger_unavailable`.
 */
export function compactLedgerFile(path: string): Compacted {
  try {
    if (!existsSync(path)) throw unavailable(path, 'there is no such file.', ['Look where it is: llm ledger path']);
    const bytesBefore = sizeOf(path);
    const db = new BetterSqlite3(path, { fileMustExist: true, timeout: 0 });
    try {
      retryBusy(path, lockDeadlineMs, () => assertReadable(db, path, migrations));
      retryBusy(path, lockDeadlineMs, () => db.exec('VACUUM'));
      db.pragma('optimize');
      // A reader may hold the log: then the next writer takes it in.
      db.pragma('wal_checkpoint(TRUNCATE)');
    } finally {
      db.close();
    }
    return { bytesBefore, bytesAfter: sizeOf(path) };
  } catch (error) {
    throw errorOf(failureOf(error, path));
  }
}

function sizeOf(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
