import type { Database } from 'better-sqlite3';
import { quarterMs, startOf } from './kinds.js';

/** How far table `detail` goes: all attempts up to this row, and what events up to this one have changed in them. */
export interface DetailMark {
  /** `rowid` of table attempt; 0: nothing is folded. */
  readonly rowId: number;
  readonly eventSeq: number;
  /** Call and attempt of that row: VACUUM may number the rows anew, and then the mark is void. */
  readonly row: string;
}

const markKey = 'detail_mark';
export const nothingFolded: DetailMark = { rowId: 0, eventSeq: 0, row: '' };

export function readMark(db: Database): DetailMark {
  const text = db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(markKey) as string | undefined;
  if (text === undefined) return nothingFolded;
  const [rowId, eventSeq, row] = JSON.parse(text) as [number, number, string];
  return { rowId, eventSeq, row };
}

/** Whether the row it names is still the one it was. */
export function isValid(db: Database, { rowId, row }: DetailMark): boolean {
  if (rowId === 0) return true;
  const found = db.prepare('SELECT call_id, attempt FROM attempt WHERE rowid = ?').get(rowId);
  return found !== undefined && rowName(found as { call_id: string; attempt: number }) === row;
}

export function writeMark(db: Database, { rowId, eventSeq, row }: DetailMark): void {
  db.prepare('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(
    markKey,
    JSON.stringify([rowId, eventSeq, row]),
  );
}

/** Everything is folded anew by the next report. */
export function forgetDetails(db: Database): void {
  db.prepare('DELETE FROM detail').run();
  db.prepare('DELETE FROM meta WHERE key = ?').run(markKey);
}

export function rowName({ call_id, attempt }: { readonly call_id: string; readonly attempt: number }): string {
  return `${call_id}/${attempt}`;
}

export function lastRowId(db: Database): number {
  return (db.prepare('SELECT max(rowid) FROM attempt').pluck().get() as number | null) ?? 0;
}

export function lastEventSeq(db: Database): number {
  return (db.prepare('SELECT max(seq) FROM event').pluck().get() as number | null) ?? 0;
}

interface ChangeRow {
  readonly seq: number;
  readonly call_id: string;
  readonly held_ms: number | null;
}

/** Kinds of events that change attempts which are there already: a correction, and the truth about an expired hold. */
const changes = "kind IN ('correct', 'late_settle')";

/** The quarter hours in which the next `limit` events after the mark have changed something that was folded. */
export function changedSlots(
  db: Database,
  mark: DetailMark,
  limit: number,
): { readonly slots: ReadonlySet<number>; readonly eventSeq: number } {
  const last = lastEventSeq(db);
  const slots = new Set<number>();
  if (mark.rowId === 0) return { slots, eventSeq: last };
  const rows = db
    .prepare(
      `SELECT seq, call_id, (SELECT ts FROM event AS held WHERE held.call_id = event.call_id AND held.kind = 'hold') AS held_ms
       FROM event WHERE seq > ? AND ${changes} ORDER BY seq LIMIT ?`,
    )
    .all(mark.eventSeq, limit) as ChangeRow[];
  const startsOf = db.prepare('SELECT ts FROM attempt WHERE call_id = ?').pluck();
  for (const { call_id, held_ms } of rows) {
    // Where the row of the expiry was, which the late settlement has taken away.
    if (held_ms !== null) slots.add(startOf(quarterMs, held_ms));
    for (const ts of startsOf.all(call_id) as number[]) slots.add(startOf(quarterMs, ts));
  }
  return { slots, eventSeq: rows.length < limit ? last : (rows.at(-1)?.seq ?? last) };
}

/** Whether anything that was folded has changed since. */
export function hasChanged(db: Database, mark: DetailMark): boolean {
  if (mark.rowId === 0) return false;
  return db.prepare(`SELECT 1 FROM event WHERE seq > ? AND ${changes} LIMIT 1`).get(mark.eventSeq) !== undefined;
}
