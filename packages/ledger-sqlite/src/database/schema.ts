import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, openSync, rmSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { unavailable } from './failure.js';
import type { Migration } from './migrations/migration.js';

/** `PRAGMA application_id` of a ledger: "VIBE" in ASCII. Tells it from the databases of other programs. */
export const applicationId = 0x56494245;

/** Throws for databases of other programs and for ledgers of a newer version. */
export function assertReadable(db: Database, path: string, migrations: readonly Migration[]): void {
  // One snapshot: another process may be making the file at this moment.
  const { isForeign, version } = db.transaction(() => ({ isForeign: isForeignFile(db), version: schemaVersion(db) }))();
  if (isForeign) {
    throw unavailable(path, 'it is a database of another program.', ['Choose another path: sqliteLedger({ path }).']);
  }
  const newest = newestVersion(migrations);
  if (version > newest) {
    throw unavailable(
      path,
      `it was written by a newer version (schema ${version}; this program knows up to ${newest}).`,
      ['Update @vibe/ledger-sqlite, or choose another path: sqliteLedger({ path }).'],
    );
  }
}

/** Neither a ledger nor empty. */
function isForeignFile(db: Database): boolean {
  const id = db.pragma('application_id', { simple: true });
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  return id !== applicationId && (id !== 0 || tables !== 0);
}

export function schemaVersion(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

export function newestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/**
 * Brings the file to the newest schema in one transaction. Safe when several processes do it at once: one of them migrates.
 */
export function migrate(db: Database, path: string, timezone: string, migrations: readonly Migration[]): void {
  const newest = newestVersion(migrations);
  if (schemaVersion(db) === newest) return;
  db.transaction(() => {
    assertReadable(db, path, migrations);
    const from = schemaVersion(db);
    for (const migration of migrations) if (migration.version > from) migration.up(db);
    if (from === 0) {
      db.pragma(`application_id = ${applicationId}`);
      const insert = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
      insert.run('timezone', timezone);
      insert.run('created_at', new Date().toISOString());
    }
    db.pragma(`user_version = ${newest}`);
  }).immediate();
}

/** Copies a ledger with data that is about to be migrated, to `<path>.v<old version>-<time>-<any>.backup`. */
export function backUpOlder(db: Database, path: string, migrations: readonly Migration[]): void {
  const version = schemaVersion(db);
  if (version === 0 || version === newestVersion(migrations)) return;
  const time = new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
  // Several threads and processes may do so in the same second.
  const backup = `${path}.v${version}-${time}-${randomUUID().slice(0, 8)}.backup`;
  closeSync(openSync(backup, 'wx', 0o600));
  try {
    db.prepare('VACUUM INTO ?').run(backup);
    chmodSync(backup, statSync(path).mode);
  } catch (error) {
    // A part of a copy is none, and would stand in the way of the next one.
    rmSync(backup, { force: true });
    throw error;
  }
}

/** The zone in which budgets without one of their own are counted. Fixed when the file is created. */
export function fileTimezone(db: Database): string {
  return db.prepare("SELECT value FROM meta WHERE key = 'timezone'").pluck().get() as string;
}
