import type { Database } from 'better-sqlite3';

const untilKey = 'compacted_until_ms';

/** Of calls before this moment only the sums may be left, by quarter hour; null when nothing was compacted. */
export function compactedUntil(db: Database): number | null {
  const text = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(untilKey) as string | undefined;
  return text === undefined ? null : Number(text);
}

export function writeCompactedUntil(db: Database, untilMs: number): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
    untilKey,
    String(Math.max(untilMs, compactedUntil(db) ?? untilMs)),
  );
}
