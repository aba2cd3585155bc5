import { createRequire } from 'node:module';
import { type Check, type Finding, finding, ok } from '../check.js';

/** The first version whose `require` takes ES modules without a flag. */
const minNode = [20, 19] as const;

/** What of this process the check looks at; an argument so that others can be looked at. */
export interface Runtime {
  readonly nodeVersion: string;
  readonly loadDatabase: () => { readonly sqliteVersion: string };
}

const current: Runtime = {
  nodeVersion: process.versions.node,
  loadDatabase: () => {
    // The ledger's own copy, wherever it is installed.
    const require = createRequire(createRequire(import.meta.url).resolve('@vibe/ledger-sqlite'));
    const Database = require('better-sqlite3') as new (
      path: string,
    ) => {
      prepare(sql: string): { pluck(): { get(): string } };
      close(): void;
    };
    const db = new Database(':memory:');
    try {
      return { sqliteVersion: db.prepare('SELECT sqlite_version()').pluck().get() };
    } finally {
      db.close();
    }
  },
};

export const runtime: Check = {
  id: 'runtime',
  title: 'Runtime',
  about: 'Node, the native module of the ledger, the version of SQLite',
  run: async () => runtimeFindings(current),
};

/** The first release that cannot lose what it has committed when several processes write (sqlite.org/changes.html). */
const minSqlite = [3, 51, 3] as const;

export function runtimeFindings({ nodeVersion, loadDatabase }: Runtime): readonly Finding[] {
  const isOld = isBelow(nodeVersion, minNode);
  const node = isOld
    ? [
        finding('error', `Node ${nodeVersion} is too old: ${minNode.join('.')} or newer is needed`, [
          'Install Node 20.19, 22 or newer.',
        ]),
      ]
    : [];
  try {
    const { sqliteVersion } = loadDatabase();
    if (isBelow(sqliteVersion, minSqlite)) {
      const detail = `SQLite ${sqliteVersion} can lose committed transactions; ${minSqlite.join('.')} or newer is needed`;
      return [...node, finding('error', detail, ['npm install better-sqlite3@^12.11.1'])];
    }
    return isOld ? node : [ok(`Node ${nodeVersion}, better-sqlite3 loads (native), SQLite ${sqliteVersion}`)];
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const detail = `the native module better-sqlite3 cannot be loaded: ${reason}`;
    return [
      ...node,
      finding('error', detail, ['npm rebuild better-sqlite3     (needs python3, make and a C++ compiler)']),
    ];
  }
}

function isBelow(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part < wanted;
  }
  return false;
}
