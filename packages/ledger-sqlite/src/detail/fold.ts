import BetterSqlite3, { type Database } from 'better-sqlite3';
import { LedgerFailure } from '../database/failure.js';
import { retryBusy } from '../database/retry-busy.js';
import { DetailSums } from './detail-sums.js';
import { DetailTable, openDays } from './detail-table.js';
import { detailedAttempts } from './detailed-attempts.js';
import { quarterMs, startOf } from './kinds.js';
import {
  changedSlots,
  type DetailMark,
  forgetDetails,
  isValid,
  nothingFolded,
  readMark,
  rowName,
  writeMark,
} from './mark.js';

/** Attempts, and changes of folded ones, per transaction: the writers of calls wait for a few milliseconds at most. */
const rowsPerStep = 5_000;
const changesPerStep = 500;
const daysPerStep = 4;

/** A writer that does not let go for longer is left in peace: the report reads the attempts instead. */
const lockDeadlineMs = 2_000;

/** What one step adds, read beforehand. Null: nothing is left. */
interface Step {
  readonly from: DetailMark;
  readonly to: DetailMark;
  readonly added: DetailSums;
  /** Quarter hours that are counted anew, with everything in them up to `to`. */
  readonly reset: ReadonlySet<number>;
}

/**
 * Brings table `detail` up to date, on a connection of its own. The long part only reads; each step is written in one short
 * transaction, and only when nobody else has folded meanwhile. What cannot be written now is left to the next report: a
 * file on read-only media, a disk that is full, a writer that does not let go.
 */
export function foldDetails(path: string, nowMs: number): void {
  try {
    const db = new BetterSqlite3(path, { fileMustExist: true, timeout: 0 });
    try {
      // What a power cut takes away is folded again.
      db.pragma('synchronous = NORMAL');
      for (let goesOn = true; goesOn; ) goesOn = retryBusy(path, lockDeadlineMs, () => foldStep(db));
      for (let goesOn = true; goesOn; ) goesOn = retryBusy(path, lockDeadlineMs, () => closeDays(db, nowMs));
    } finally {
      db.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerFailure) && !isOfSqlite(error)) throw error;
  }
}

/** True while something is left to fold. */
export function foldStep(db: Database, rows = rowsPerStep): boolean {
  const step = db.transaction(() => readStep(db, rows))();
  if (step === null) return false;
  db.transaction(() => {
    // Another process was faster: its work counts, and the next step begins there.
    if (!sameMark(readMark(db), step.from)) return;
    const table = new DetailTable(db);
    if (step.to.rowId === 0) {
      forgetDetails(db);
      for (const slotMs of step.reset) table.reset(slotMs);
    } else {
      for (const slotMs of step.reset) table.reset(slotMs);
      table.add(step.added);
    }
    writeMark(db, step.to);
  }).immediate();
  return true;
}

function readStep(db: Database, rows: number): Step | null {
  const from = readMark(db);
  const isFirst = db.prepare("SELECT 1 FROM meta WHERE key = 'detail_mark'").get() === undefined;
  if (isFirst || !isValid(db, from)) return beginning(db, from);
  const { slots: reset, eventSeq } = changedSlots(db, from, changesPerStep);
  const added = new DetailSums();
  let { rowId, row } = from;
  for (const attempt of detailedAttempts(db, 'rowid > ? ORDER BY rowid LIMIT ?')(from.rowId, rows)) {
    rowId = attempt.row_id;
    row = rowName(attempt);
    if (!reset.has(startOf(quarterMs, attempt.ts))) added.add(attempt, attempt.ts);
  }
  if (rowId === from.rowId && reset.size === 0) return null;
  const inSlot = detailedAttempts(db, 'ts >= ? AND ts < ? AND rowid <= ?');
  for (const slotMs of reset)
    for (const attempt of inSlot(slotMs, slotMs + quarterMs, rowId)) added.add(attempt, attempt.ts);
  return { from, to: { rowId, eventSeq, row }, added, reset };
}

/** Before the first attempt, and when the mark is void: only what was archived counts. */
function beginning(db: Database, from: DetailMark): Step {
  const archived = db.prepare('SELECT DISTINCT slot_ms FROM archive').pluck().all() as number[];
  return { from, to: nothingFolded, added: new DetailSums(), reset: new Set(archived) };
}

/** True while days are left that can be added up. */
function closeDays(db: Database, nowMs: number): boolean {
  const days = db.transaction(() => {
    const found = openDays(db, nowMs, daysPerStep);
    const table = new DetailTable(db);
    for (const { slot_ms, kind } of found) table.closeDay(slot_ms, kind);
    return found.length;
  });
  return openDays(db, nowMs, 1).length > 0 && days.immediate() > 0;
}

function sameMark(left: DetailMark, right: DetailMark): boolean {
  return left.rowId === right.rowId && left.eventSeq === right.eventSeq && left.row === right.row;
}

function isOfSqlite(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_/.test(String(error.code));
}
