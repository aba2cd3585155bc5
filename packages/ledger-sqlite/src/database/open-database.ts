import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemTimezone } from '@vibe/core';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { unavailable } from './failure.js';
import { migrations as allMigrations } from './migrations/index.js';
import type { Migration } from './migrations/migration.js';
import { lockDeadlineMs, retryBusy } from './retry-busy.js';
import { assertReadable, backUpOlder, migrate } from './schema.js';
import { assertSqliteVersion } from './sqlite-version.js';

export interface OpenOptions {
  readonly path: string;
  /** Written into a new file. Default: the zone of this machine. */
  readonly timezone: string | null;
  /** Default 30 seconds. */
  readonly lockDeadlineMs?: number | undefined;
  /** Simulates a full disk. */
  readonly maxPageCount?: number | undefined;
  readonly migrations?: readonly Migration[] | undefined;
}

/** The WAL file is cut back to this after a checkpoint. */
const walBytesKept = 64 * 1024 * 1024;

/** Opens the ledger for writing; creates or migrates it where needed. Throws LedgerFailure or SqliteError. */
export function openDatabase(options: OpenOptions): Database {
  const { path, migrations = allMigrations } = options;
  // A ledger tells who spent how much: what is made here is for this user only.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  assertOneName(path);
  const db = new BetterSqlite3(path, { timeout: 0 });
  try {
    assertSqliteVersion(path, db.prepare('SELECT sqlite_version()').pluck().get() as string);
    const patiently = (act: () => void) => retryBusy(path, options.lockDeadlineMs ?? lockDeadlineMs, act);
    patiently(() => {
      assertReadable(db, path, migrations);
      if (db.pragma('journal_mode = WAL', { simple: true }) !== 'wal') {
        throw unavailable(path, 'its file system does not support write-ahead logging.', [
          'Move the file to a local disk.',
        ]);
      }
      // better-sqlite3 is compiled with NORMAL for WAL databases, which may lose acknowledged commits on power loss.
      db.pragma('synchronous = FULL');
      db.pragma(`journal_size_limit = ${walBytesKept}`);
    });
    // Once, however often the migration finds the file locked.
    patiently(() => backUpOlder(db, path, migrations));
    patiently(() => migrate(db, path, options.timezone ?? systemTimezone(), migrations));
    if (options.maxPageCount !== undefined) db.pragma(`max_page_count = ${options.maxPageCount}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The write-ahead log is found by the name of the file: programs that know it by two names destroy it. */
function assertOneName(path: string): void {
  const found = statSync(path);
  if (!found.isFile() || found.nlink < 2) return;
  throw unavailable(path, 'it has a second name (a hard link), and programs that open it by both would destroy it.', [
    'Remove the other name, or make it a symbolic link.',
  ]);
}
