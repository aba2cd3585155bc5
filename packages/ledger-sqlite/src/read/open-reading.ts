import { existsSync } from 'node:fs';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { unavailable } from '../database/failure.js';
import { migrations } from '../database/migrations/index.js';
import { retryBusy } from '../database/retry-busy.js';
import { assertReadable, newestVersion, schemaVersion } from '../database/schema.js';
import { needsWriter } from './needs-writer.js';

/** How long a reader waits for a writer that is creating or recovering the file. */
const lockDeadlineMs = 5_000;

/** Opens the ledger read-only. A file that does not exist yet reads as an empty ledger, and is not created. */
export function openReading(path: string): Database {
  if (!existsSync(path)) return emptyLedger();
  const db = openFile(path);
  try {
    retryBusy(path, lockDeadlineMs, () => assertReadable(db, path, migrations));
    if (schemaVersion(db) < newestVersion(migrations)) {
      throw unavailable(path, 'it has to be migrated first.', ['Open it once with permission to write.'], needsWriter);
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Where not even the shared-memory file beside it may be made, a file nobody is writing can still be read as it is. */
function openFile(path: string): Database {
  const db = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: lockDeadlineMs });
  try {
    db.pragma('user_version');
    return db;
  } catch (error) {
    db.close();
    const readOnly = error instanceof Error && 'code' in error && /^SQLITE_(READONLY|CANTOPEN)/.test(String(error.code));
    if (!readOnly || existsSync(`${path}-wal`)) throw error;
    const url = `file:${encodeURI(path).replaceAll('?', '%3f').replaceAll('#', '%23')}?immutable=1`;
    return new BetterSqlite3(url, { readonly: true });
  }
}

function emptyLedger(): Database {
  const db = new BetterSqlite3(':memory:');
  for (const migration of migrations) migration.up(db);
  return db;
}
