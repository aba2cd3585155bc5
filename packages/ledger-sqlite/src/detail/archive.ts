import type { Database } from 'better-sqlite3';
import { sqlInteger } from '../database/sql-integer.js';
import { type ReplayedEvent, Replayer } from '../measure/replay.js';
import { lastCharges } from '../read/last-charges.js';
import { writeCompactedUntil } from './compacted.js';
import { cellsJson, DetailSums } from './detail-sums.js';
import { detailedAttempts } from './detailed-attempts.js';
import { hasChanged, isValid, lastEventSeq, readMark, writeMark } from './mark.js';

/** Calls per transaction: others wait for some hundredths of a second at most. */
const callsPerStep = 1_000;

/** Where the next step goes on. */
export interface ArchivePlace {
  readonly ts: number;
  readonly rowId: number;
}

export const archiveStart: ArchivePlace = { ts: Number.MIN_SAFE_INTEGER, rowId: 0 };

export interface ArchiveStep {
  readonly calls: number;
  readonly attempts: number;
  readonly events: number;
  /** Null: that was all. */
  readonly next: ArchivePlace | null;
}

interface Candidate {
  readonly call_id: string;
  readonly ts: number;
  readonly row_id: number;
}

/**
 * Replaces the rows of some ended calls by their sums, in one transaction: quarter hours into `archive`, what windows were
 * charged into `archive_total`. Nothing that adds rows up changes by it. A call stays as it is when a part of it is from
 * `beforeMs` or later, when its hold is open, or when table `detail` does not know it yet. Null: `detail` has to be
 * brought up to date first.
 */
export function archiveStep(
  db: Database,
  beforeMs: number,
  from: ArchivePlace,
  limit = callsPerStep,
): ArchiveStep | null {
  return db
    .transaction((): ArchiveStep | null => {
      const mark = readMark(db);
      if (mark.rowId === 0 || !isValid(db, mark) || hasChanged(db, mark)) return null;
      const candidates = db
        .prepare(
          `SELECT call_id, ts, rowid AS row_id FROM attempt WHERE last = 1 AND ts < ? AND (ts, rowid) > (?, ?)
           ORDER BY ts, rowid LIMIT ?`,
        )
        .all(beforeMs, from.ts, from.rowId, limit) as Candidate[];
      const last = candidates.at(-1);
      const next = last === undefined || candidates.length < limit ? null : { ts: last.ts, rowId: last.row_id };
      const isOld = oldCalls(db, beforeMs, mark.rowId);
      const old = candidates.map(({ call_id }) => call_id).filter(isOld);
      const money = spendingOf(db, old);
      const ended = old.filter((callId) => !money.odd.has(callId));
      if (ended.length === 0) return { calls: 0, attempts: 0, events: 0, next };
      keepTotals(db, money.totals);
      const attempts = keepSums(db, ended);
      const events = forget(db, ended);
      // Where the newest events went, their numbers are given again: what they say then is new.
      writeMark(db, { ...mark, eventSeq: Math.min(mark.eventSeq, lastEventSeq(db)) });
      writeCompactedUntil(db, beforeMs);
      return { calls: ended.length, attempts, events, next };
    })
    .immediate();
}

/** The row that the mark names stays: without it everything would be folded anew. */
function oldCalls(db: Database, beforeMs: number, markRowId: number): (callId: string) => boolean {
  const isYoung = db
    .prepare(
      `SELECT 1 FROM attempt WHERE call_id = :callId AND (ts >= :beforeMs OR rowid >= :markRowId)
       UNION ALL SELECT 1 FROM event WHERE call_id = :callId AND ts >= :beforeMs
       UNION ALL SELECT 1 FROM hold WHERE call_id = :callId LIMIT 1`,
    )
    .pluck();
  return (callId) => isYoung.get({ callId, beforeMs, markRowId }) === undefined;
}

interface Spending {
  /** By window. */
  readonly totals: ReadonlyMap<string, number>;
  /** Calls whose events do not come to an end: they are for `verify` to tell. */
  readonly odd: ReadonlySet<string>;
}

function spendingOf(db: Database, callIds: readonly string[]): Spending {
  const charges = db.prepare(lastCharges).pluck();
  const events = db.prepare(
    'SELECT ts, kind, call_id, amount_nano, freed_nano, charges, strict FROM event WHERE call_id = ? ORDER BY seq',
  );
  const totals = new Map<string, number>();
  const odd = new Set<string>();
  for (const callId of callIds) {
    const replayed = new Replayer((id) => (charges.get(id) as string | undefined) ?? '');
    for (const event of events.all(callId) as ReplayedEvent[]) replayed.apply(event);
    if (replayed.problems.length > 0 || replayed.holds.size > 0) {
      odd.add(callId);
      continue;
    }
    for (const [key, { spentNanoUsd }] of replayed.totals) totals.set(key, (totals.get(key) ?? 0) + spentNanoUsd);
  }
  return { totals, odd };
}

function keepTotals(db: Database, totals: ReadonlyMap<string, number>): void {
  const add = db.prepare(
    `INSERT INTO archive_total (budget_id, window_start_ms, spent_nano) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET spent_nano = spent_nano + excluded.spent_nano`,
  );
  for (const [key, spentNanoUsd] of totals) {
    const [budgetId, startMs] = key.split(':').map(Number) as [number, number];
    add.run(budgetId, startMs, sqlInteger(spentNanoUsd));
  }
}

/** Returns the number of attempts. */
function keepSums(db: Database, callIds: readonly string[]): number {
  const ofCall = detailedAttempts(db, 'call_id = ?');
  const sums = new DetailSums();
  let attempts = 0;
  for (const callId of callIds) {
    for (const attempt of ofCall(callId)) {
      sums.add(attempt, attempt.ts);
      attempts += 1;
    }
  }
  const read = db.prepare('SELECT cells FROM archive WHERE slot_ms = ? AND kind = ?').pluck();
  const write = db.prepare('INSERT OR REPLACE INTO archive (slot_ms, kind, cells) VALUES (?, ?, ?)');
  for (const { slotMs, kind, cells } of sums.slots()) {
    const merged = new DetailSums();
    const stored = read.get(slotMs, kind) as string | undefined;
    if (stored !== undefined) merged.addStored(slotMs, kind, stored);
    merged.addCells(slotMs, kind, cells);
    for (const all of merged.slots()) write.run(slotMs, kind, cellsJson(all.cells));
  }
  return attempts;
}

/** Returns the number of events. */
function forget(db: Database, callIds: readonly string[]): number {
  const keyOf = db
    .prepare("SELECT idempotency_key FROM event WHERE call_id = ? AND kind = 'hold' AND idempotency_key IS NOT NULL")
    .pluck();
  const removeKey = db.prepare('DELETE FROM idempotency WHERE idempotency_key = ? AND call_id = ?');
  const removeAttempts = db.prepare('DELETE FROM attempt WHERE call_id = ?');
  const removeEvents = db.prepare('DELETE FROM event WHERE call_id = ?');
  let events = 0;
  for (const callId of callIds) {
    const key = keyOf.get(callId) as string | undefined;
    if (key !== undefined) removeKey.run(key, callId);
    removeAttempts.run(callId);
    events += removeEvents.run(callId).changes;
  }
  return events;
}
