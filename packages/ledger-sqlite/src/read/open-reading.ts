import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { unavailable } from '../database/failure.js';
import { migrations } from '../database/migrations/index.js';
import { retryBusy } from '../database/retry-busy.js';
import { assertReadable, schemaVersion } from '../database/schema.js';
import { needsWriter } from './needs-writer.js';

/** How long a reader waits for a writer that is creating or recovering the file. */
const lockDeadlineMs = 5_000;

/** The largest read-only file that is read into memory. */
const maxCopyBytes = 1024 * 1024 * 1024;

export interface OpenedForReading {
  readonly db: Database;
  /** True when it shows the file as it was when it was opened. */
  readonly isCopy: boolean;
}

/** Opens the ledger read-only. A file that does not exist yet, or is empty, reads as an empty ledger, and is not written. */
export function openReading(path: string): OpenedForReading {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { db: emptyLedger(), isCopy: false };
  if (found.isDirectory())
    throw unavailable(path, 'it is a folder.', [`Name the file in it, such as ${join(path, 'ledger.db')}.`]);
  const opened = openFile(path);
  const { db } = opened;
  try {
    retryBusy(path, lockDeadlineMs, () => assertReadable(db, path, migrations));
    if (schemaVersion(db) === 0) {
      db.close();
      return { db: emptyLedger(), isCopy: true };
    }
    for (const migration of migrations) {
      if (migration.version <= schemaVersion(db)) continue;
      if (migration.forReading === undefined)
        throw unavailable(
          path,
          'it has to be migrated first.',
          ['Open it once with permission to write.'],
          needsWriter,
        );
      migration.forReading(db);
    }
    return opened;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Where not even the shared-memory file beside it may be made, the file is read into memory as it is. */
function openFile(path: string): OpenedForReading {
  const db = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: lockDeadlineMs });
  try {
    db.pragma('user_version');
    return { db, isCopy: false };
  } catch (error) {
    db.close();
    const readOnly =
      error instanceof Error && 'code' in error && /^SQLITE_(READONLY|CANTOPEN)/.test(String(error.code));
    if (!readOnly || !statSync(path).isFile()) throw error;
    return { db: copyInMemory(path), isCopy: true };
  }
}

function copyInMemory(path: string): Database {
  const elsewhere = [
    `Copy ${basename(path)} (and ${basename(path)}-wal, if there is one) to a folder you may write, and read it there.`,
  ];
  if (existsSync(`${path}-wal`))
    throw unavailable(path, 'its latest changes are in a file beside it that cannot be opened.', elsewhere);
  if (statSync(path).size > maxCopyBytes)
    throw unavailable(path, 'it is too large to be read without permission to write beside it.', elsewhere);
  const bytes = readFileSync(path);
  // Two bytes of the header say that the database has a write-ahead log; a copy in memory has none.
  bytes.fill(1, 18, 20);
  return new BetterSqlite3(bytes);
}

function emptyLedger(): Database {
  const db = new BetterSqlite3(':memory:');
  for (const migration of migrations) migration.up(db);
  return db;
}
