import { statSync } from 'node:fs';
import type { Database, Statement } from 'better-sqlite3';
import { networkFileSystem } from '../database/network-file-system.js';
import { openDatabase } from '../database/open-database.js';
import { fileTimezone } from '../database/schema.js';
import type { WorkerSettings } from '../protocol.js';
import { Books } from './books.js';
import { type Commands, commandsOf } from './commands.js';
import { Leases } from './expire.js';

/** An open ledger file with everything prepared on it. */
export interface OpenFile {
  readonly db: Database;
  readonly books: Books;
  readonly commands: Commands;
  readonly leases: Leases;
  readonly inode: string;
  readonly begin: Statement;
  readonly beginReading: Statement;
  readonly commit: Statement;
}

/** Even reading the schema can find the file locked, while another process opens or leaves it. */
export function openFile(settings: WorkerSettings): OpenFile {
  const { path, owner, rates } = settings;
  const db = openDatabase(settings);
  try {
    const books = new Books(db, owner, rates);
    return {
      db,
      books,
      leases: new Leases(books, owner),
      commands: commandsOf(books, owner, { timezone: fileTimezone(db), networkFileSystem: networkFileSystem(path) }),
      inode: inodeOf(path) ?? '',
      begin: db.prepare('BEGIN IMMEDIATE'),
      beginReading: db.prepare('BEGIN'),
      commit: db.prepare('COMMIT'),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Names a file on its disk; null when there is none. */
export function inodeOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}
