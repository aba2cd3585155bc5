import { existsSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { failureOf, unavailable } from '../database/failure.js';
import { migrations } from '../database/migrations/index.js';
import { openDatabase } from '../database/open-database.js';
import { retryBusy } from '../database/retry-busy.js';
import { assertReadable } from '../database/schema.js';
import { archiveStart, archiveStep } from '../detail/archive.js';
import { foldDetails } from '../detail/fold.js';
import { errorOf } from '../main/failures.js';

export interface Compacted {
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** What is no longer in the file, one by one. */
export interface Archived {
  readonly calls: number;
  readonly attempts: number;
  readonly events: number;
}

export interface ArchiveOptions {
  /** Calls from before this moment; a start of a day in UTC. */
  readonly beforeMs: number;
  readonly onProgress?: ((done: Archived) => void) | undefined;
  /** Between two steps; what is done stays done. */
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => number) | undefined;
}

/** How long it waits for programs that write at this moment. */
const lockDeadlineMs = 30_000;

/** A writer that changes what is being archived makes it begin again; this often at most. */
const maxFolds = 100;

/**
 * Replaces the rows of old calls by their sums: by quarter hour, target, outcome, unit and tag, and by budget window. Every
 * report says the same as before (within quarter hours), `verify` and `rebuild` go on; rows, ids, idempotency keys and
 * corrections of these calls are gone. In short steps, beside programs that write. Throws `ledger_unavailable`.
 */
export async function archiveOldCalls(path: string, options: ArchiveOptions): Promise<Archived> {
  const { beforeMs, onProgress, signal, now = Date.now } = options;
  try {
    if (!existsSync(path)) throw noFile(path);
    const db = openDatabase({ path, timezone: null });
    try {
      let done: Archived = { calls: 0, attempts: 0, events: 0 };
      let folds = 0;
      for (let from: typeof archiveStart | null = archiveStart; from !== null; ) {
        const place: typeof archiveStart = from;
        const step = retryBusy(path, lockDeadlineMs, () => archiveStep(db, beforeMs, place));
        if (step === null) {
          // Without a single call there is nothing to fold either.
          if (folds++ === maxFolds || isEmpty(db)) break;
          foldDetails(path, now());
          continue;
        }
        from = step.next;
        done = {
          calls: done.calls + step.calls,
          attempts: done.attempts + step.attempts,
          events: done.events + step.events,
        };
        onProgress?.(done);
        await setImmediate();
        signal?.throwIfAborted();
      }
      return done;
    } finally {
      db.close();
    }
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw errorOf(failureOf(error, path));
  }
}

function isEmpty(db: Database): boolean {
  return db.prepare('SELECT 1 FROM attempt LIMIT 1').get() === undefined;
}

/**
 * Writes the file anew without its free pages and takes the write-ahead log into it. Nothing is deleted: events, rows
 * and totals stay. Needs as much free disk as the file is large; others wait meanwhile. Throws `ledger_unavailable`.
 */
export function compactLedgerFile(path: string): Compacted {
  try {
    if (!existsSync(path)) throw noFile(path);
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

function noFile(path: string) {
  return unavailable(path, 'there is no such file.', ['Look where it is: llm ledger path']);
}

function sizeOf(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
