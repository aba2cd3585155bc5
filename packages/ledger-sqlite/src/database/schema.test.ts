import { once } from 'node:events';
import { linkSync, readdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../test/fixture.js';
import { LedgerFailure } from './failure.js';
import { migrations } from './migrations/index.js';
import type { Migration } from './migrations/migration.js';
import { networkFileSystem } from './network-file-system.js';
import { openDatabase } from './open-database.js';
import { fileTimezone, newestVersion, schemaVersion } from './schema.js';
import { assertSqliteVersion } from './sqlite-version.js';

const next = (up: Migration['up']): readonly Migration[] => [
  ...migrations,
  { version: newestVersion(migrations) + 1, up },
];
const addColumn = next((db) => void db.exec("ALTER TABLE budget ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"));

function ledgerFile(): string {
  const path = join(temporaryFolder(), 'ledger.db');
  const db = openDatabase({ path, timezone: 'Asia/Shanghai' });
  db.exec("INSERT INTO budget VALUES (1, 'all', 'day', 'UTC', 'day', 5, 'strict_budget', 0, 'here')");
  db.close();
  return path;
}

describe('a ledger file', () => {
  it('is made with the newest schema, durable and with its zone', () => {
    const path = join(temporaryFolder(), 'a', 'b', 'ledger.db');
    const db = openDatabase({ path, timezone: 'Asia/Shanghai' });
    expect(schemaVersion(db)).toBe(newestVersion(migrations));
    expect(fileTimezone(db)).toBe('Asia/Shanghai');
    expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
    expect([db.pragma('journal_mode', { simple: true }), db.pragma('synchronous', { simple: true })]).toEqual([
      'wal',
      2,
    ]);
    db.close();
  });

  it('of an older version is copied, then migrated', () => {
    const path = ledgerFile();
    const db = openDatabase({ path, timezone: 'UTC', migrations: addColumn });
    expect(schemaVersion(db)).toBe(newestVersion(addColumn));
    expect(db.prepare('SELECT name, colour FROM budget').all()).toEqual([{ name: 'day', colour: 'red' }]);
    expect(fileTimezone(db)).toBe('Asia/Shanghai');
    db.close();
    const [backup] = readdirSync(join(path, '..')).filter((name) =>
      name.startsWith(`ledger.db.v${newestVersion(migrations)}-`),
    );
    const old = new BetterSqlite3(join(path, '..', backup as string), { readonly: true });
    expect(schemaVersion(old)).toBe(newestVersion(migrations));
    expect(old.prepare('SELECT count(*) FROM budget').pluck().get()).toBe(1);
    old.close();
  });

  it('of before the rate limits gets their tables, and keeps what it holds', () => {
    const path = join(temporaryFolder(), 'ledger.db');
    const before = openDatabase({ path, timezone: 'Asia/Shanghai', migrations: migrations.slice(0, 1) });
    before.exec("INSERT INTO budget VALUES (1, 'all', 'day', 'UTC', 'day', 5, 'strict_budget', 0, 'here')");
    before.close();
    const db = openDatabase({ path, timezone: 'UTC' });
    const tables = db.prepare(
      "SELECT name FROM sqlite_schema WHERE name LIKE 'rate_%' AND type = 'table' ORDER BY name",
    );
    expect(tables.pluck().all()).toEqual(['rate_day', 'rate_entry', 'rate_owner', 'rate_slot', 'rate_target']);
    expect(db.prepare('SELECT name FROM budget').pluck().all()).toEqual(['day']);
    db.close();
    expect(readdirSync(join(path, '..')).filter((name) => /^ledger\.db\.v1-.*\.backup$/.test(name))).toHaveLength(1);
  });

  it('of an older version that another program keeps locked is copied once, and migrated when it is free', async () => {
    const path = ledgerFile();
    const tries = new Int32Array(new SharedArrayBuffer(4));
    const holder = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const db = new (require(workerData.module))(workerData.path);
       db.exec('BEGIN IMMEDIATE');
       parentPort.postMessage('locked');
       Atomics.wait(new Int32Array(workerData.tries), 0, 0);
       db.close();`,
      {
        eval: true,
        workerData: { path, tries: tries.buffer, module: createRequire(import.meta.url).resolve('better-sqlite3') },
      },
    );
    const ended = once(holder, 'exit');
    await once(holder, 'message');
    // The migration finds the file locked a few times before it is let in.
    const busy = vi.spyOn(Math, 'random').mockImplementation(() => {
      if (Atomics.add(tries, 0, 1) === 3) Atomics.notify(tries, 0);
      return 0.5;
    });
    const db = openDatabase({ path, timezone: 'UTC', migrations: addColumn });
    busy.mockRestore();
    expect(schemaVersion(db)).toBe(newestVersion(addColumn));
    db.close();
    await ended;
    expect(readdirSync(join(path, '..')).filter((name) => name.endsWith('.backup'))).toHaveLength(1);
  });

  it('is left as it was when a migration fails', () => {
    const path = ledgerFile();
    const broken = next(
      (db) => void db.exec('ALTER TABLE budget ADD COLUMN colour TEXT; INSERT INTO nowhere VALUES (1)'),
    );
    expect(() => openDatabase({ path, timezone: 'UTC', migrations: broken })).toThrow(/nowhere/);
    const db = openDatabase({ path, timezone: 'UTC' });
    expect(db.prepare('SELECT * FROM budget').get()).not.toHaveProperty('colour');
    db.close();
  });

  it('that has two names is refused by both, and may be reached by a symbolic link', () => {
    const path = ledgerFile();
    const [hard, symbolic] = [`${path}.hard`, `${path}.symbolic`];
    linkSync(path, hard);
    for (const name of [path, hard])
      expect(() => openDatabase({ path: name, timezone: 'UTC' })).toThrow(/second name .* symbolic link/);
    unlinkSync(hard);
    symlinkSync(path, symbolic);
    openDatabase({ path: symbolic, timezone: 'UTC' }).close();
  });

  it('of a newer version is refused by an older program', () => {
    const path = ledgerFile();
    openDatabase({ path, timezone: 'UTC', migrations: addColumn }).close();
    expect(() => openDatabase({ path, timezone: 'UTC' })).toThrow(LedgerFailure);
    expect(() => openDatabase({ path, timezone: 'UTC' })).toThrow(
      new RegExp(
        `newer version \\(schema ${newestVersion(addColumn)}; this program knows up to ${newestVersion(migrations)}\\)`,
      ),
    );
  });
});

describe('the guard', () => {
  it.each(['3.45.1', '3.51.2', '2.99.99'])('refuses SQLite %s, which can lose committed transactions', (version) => {
    expect(() => assertSqliteVersion('x.db', version)).toThrow(/3\.51\.3 or newer/);
  });

  it.each(['3.51.3', '3.53.0', '4.0.0'])('admits SQLite %s', (version) => {
    expect(() => assertSqliteVersion('x.db', version)).not.toThrow();
  });

  it('takes a local folder for local', () => {
    expect(networkFileSystem(join(temporaryFolder(), 'not-yet.db'))).toBeNull();
  });
});
