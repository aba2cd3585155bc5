import { unavailable } from './failure.js';

/**
 * The first release without the WAL-reset bug: before it, two connections that write and checkpoint a WAL database could
 * lose committed transactions (sqlite.org/changes.html, 3.51.3).
 */
export const minSqliteVersion = '3.51.3';

/** Throws unless the SQLite inside better-sqlite3 keeps what it has committed. */
export function assertSqliteVersion(path: string, version: string): void {
  if (compareVersions(version, minSqliteVersion) >= 0) return;
  throw unavailable(
    path,
    `SQLite ${version} can lose committed transactions when several processes write; ${minSqliteVersion} or newer is needed.`,
    ['Install better-sqlite3 12.8 or newer ("npm install better-sqlite3@^12.11.1" on Node 20).'],
  );
}

function compareVersions(left: string, right: string): number {
  const rightParts = right.split('.').map(Number);
  for (const [index, part] of left.split('.').map(Number).entries()) {
    const difference = part - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
