import type { Database } from 'better-sqlite3';

const untilKey = 'compacted_until_ms';

/** Of calls before this moment only the sums may be left, by quarter hour; null when nothing was compacted. */
export function compactedUntil(db: Database): number | null {
  const text = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(untilKey) as string | undefined;
  return text === undefined ? null : Number(text);
}
