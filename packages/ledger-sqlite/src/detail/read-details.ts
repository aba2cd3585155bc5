import type { Database } from 'better-sqlite3';
import { piecesOf } from '../read/windows.js';
import type { StoredCell } from './cell.js';
import { detailedAttempts, type ReadAttempt } from './detailed-attempts.js';
import { type DetailKind, dayMs, detailSpans } from './kinds.js';
import { hasChanged, isValid, lastRowId, nothingFolded, readMark } from './mark.js';

export type TakeCell = (key: string, cell: StoredCell) => void;

/** The sums of table `detail`, and the attempts that are not in them yet. All of it inside one transaction of the caller. */
export interface Details {
  /** Sums of a stretch of time. What no whole slot covers is handed to `takeAttempt`. */
  read(
    kind: DetailKind,
    sinceMs: number,
    untilMs: number,
    take: TakeCell,
    takeAttempt: (attempt: ReadAttempt) => void,
  ): void;
  /** Attempts that began in this stretch of time and are in no sum yet. */
  rest(sinceMs: number, untilMs: number): Iterable<ReadAttempt>;
}

const [quarter, day] = detailSpans;

/** Where folded attempts have changed since, the attempts count, with the archive of those that are gone. */
export function openDetails(db: Database): Details {
  const isFolded = foldedUpTo(db) > 0;
  const { rowId } = isFolded ? readMark(db) : nothingFolded;
  const between = detailedAttempts(db, 'ts >= ? AND ts < ? AND rowid > ?');
  const odd = detailedAttempts(db, 'ts >= ? AND ts < ? AND rowid <= ?');
  const inSlots = 'slot_ms >= ? AND slot_ms < ? AND kind = ?';
  const archived = db.prepare(`SELECT slot_ms, cells FROM archive WHERE ${inSlots}`);
  const slots = (span: number) =>
    db.prepare(`SELECT slot_ms, cells FROM detail WHERE span_min = ${span} AND ${inSlots}`);
  const [quarters, days] = [slots(quarter), slots(day)];

  const readQuarters = (kind: DetailKind, sinceMs: number, untilMs: number, take: TakeCell): void => {
    for (const { cells } of quarters.iterate(sinceMs, untilMs, kind) as IterableIterator<Slot>) takeCells(cells, take);
  };
  const readDays = (kind: DetailKind, sinceMs: number, untilMs: number, take: TakeCell): void => {
    for (const { slot_ms, cells } of days.all(sinceMs, untilMs, kind) as readonly Slot[]) {
      if (cells === null || cells === '') readQuarters(kind, slot_ms, slot_ms + dayMs, take);
      else takeCells(cells, take);
    }
  };
  const readArchive = (kind: DetailKind, sinceMs: number, untilMs: number, take: TakeCell): void => {
    for (const { cells } of archived.iterate(sinceMs, untilMs, kind) as IterableIterator<Slot>) takeCells(cells, take);
  };

  return {
    read(kind, sinceMs, untilMs, take, takeAttempt) {
      if (!isFolded) return readArchive(kind, sinceMs, untilMs, take);
      for (const piece of piecesOf(sinceMs, untilMs, detailSpans)) {
        if (piece.span === day) readDays(kind, piece.sinceMs, piece.untilMs, take);
        else if (piece.span === quarter) readQuarters(kind, piece.sinceMs, piece.untilMs, take);
        else for (const attempt of odd(piece.sinceMs, piece.untilMs, rowId)) takeAttempt(attempt);
      }
    },
    rest: (sinceMs, untilMs) => (lastRowId(db) > rowId ? between(sinceMs, untilMs, rowId) : []),
  };
}

interface Slot {
  readonly slot_ms: number;
  readonly cells: string | null;
}

function takeCells(cells: string | null, take: TakeCell): void {
  const stored = JSON.parse(cells ?? '{}') as Record<string, StoredCell>;
  for (const [key, cell] of Object.entries(stored)) take(key, cell);
}

/** The last row of table `attempt` that the sums know; 0 when they cannot be used as they are. */
export function foldedUpTo(db: Database): number {
  const mark = readMark(db);
  return isValid(db, mark) && !hasChanged(db, mark) ? mark.rowId : 0;
}

/** Fewer attempts than this are read faster than folded. */
export const foldFrom = 1_000;

/** How many attempts, about, a report by tag or by unit has to read one by one. */
export function unfoldedAttempts(db: Database): number {
  return lastRowId(db) - foldedUpTo(db);
}
