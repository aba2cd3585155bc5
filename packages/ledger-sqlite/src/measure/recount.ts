import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { Cell, type StoredCell } from '../detail/cell.js';
import { targetPlaceOf } from '../detail/kinds.js';
import type { Measure, StoredMeasures } from './measure.js';
import { measuredOf } from './measure.js';
import { RollupSums } from './rollup-sums.js';
import { type RollupKey, type RollupPlace, rollupSpans, slotOf, spanMsOf } from './slot.js';

/** A row of table `attempt` with what its sums are kept apart by. */
export interface CountedAttempt extends StoredMeasures {
  readonly call_id: string;
  readonly ts: number;
  readonly status: string;
  readonly error_code: string | null;
  readonly target_id: number;
}

/** Columns of `CountedAttempt`. */
export const countedColumns = `call_id, attempt, ts, status, usage_json, usage_unknown, cost_actual_nano, charged_nano,
  ttft_ms, total_ms, last, error_code, target_id`;

/** Rows that are read at once. */
const pageSize = 10_000;

const longestSpan = rollupSpans[rollupSpans.length - 1] as (typeof rollupSpans)[number];

/**
 * Computes table `rollup` anew from attempts, corrections and the archive, in order of time, and hands out each row once.
 * The memory holds one slot of the longest span, however large the file is. Returns the number of attempts.
 */
export function recount(db: Database, take: (place: RollupPlace, measure: Measure) => void): number {
  const corrections = new Map(
    db.prepare("SELECT call_id, sum(amount_nano) FROM event WHERE kind = 'correct' GROUP BY call_id").raw().all() as [
      string,
      NanoUsd,
    ][],
  );
  const sums = new RollupSums();
  let attempts = 0;
  let slotMs: number | null = null;
  const handOut = () => {
    for (const { place, measure } of sums.entries()) take(place, measure);
    sums.clear();
  };
  const enter = (atMs: number) => {
    const nextSlotMs = slotOf(longestSpan, atMs);
    if (nextSlotMs !== slotMs) handOut();
    slotMs = nextSlotMs;
  };
  const archive = archived(db);
  let next = archive.next();
  const addArchivedUntil = (untilMs: number) => {
    for (; next.done !== true && next.value.slot_ms < untilMs; next = archive.next()) {
      enter(next.value.slot_ms);
      for (const [key, measure] of next.value.measures) sums.addMeasure(key, measure);
    }
  };
  for (const row of inOrderOfTime(db)) {
    addArchivedUntil(slotOf(longestSpan, row.ts) + spanMsOf(longestSpan));
    enter(row.ts);
    attempts += 1;
    const key = rollupKeyOf(row);
    sums.add(key, measuredOf(row));
    const correctedNanoUsd = row.last === 1 ? corrections.get(row.call_id) : undefined;
    if (correctedNanoUsd !== undefined) sums.addCost(key, correctedNanoUsd);
  }
  addArchivedUntil(Number.POSITIVE_INFINITY);
  handOut();
  return attempts;
}

/** What is left of calls without rows, by quarter hour. */
function* archived(
  db: Database,
): Generator<{ readonly slot_ms: number; readonly measures: readonly (readonly [RollupKey, Measure])[] }, undefined> {
  const page = db.prepare(
    "SELECT slot_ms, cells FROM archive WHERE slot_ms > ? AND kind = 'target' ORDER BY slot_ms LIMIT 100",
  );
  let lastMs = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const slots = page.all(lastMs) as { slot_ms: number; cells: string }[];
    for (const { slot_ms, cells } of slots) {
      const measures = Object.entries(JSON.parse(cells) as Record<string, StoredCell>).map(([name, stored]) => {
        const { target_id, status, error_code } = targetPlaceOf(name);
        const cell = new Cell();
        cell.addStored(stored);
        return [{ ts: slot_ms, targetId: target_id, status, errorCode: error_code }, cell.measure] as const;
      });
      yield { slot_ms, measures };
    }
    const last = slots.at(-1);
    if (last === undefined) return;
    lastMs = last.slot_ms;
  }
}

/** Page by page, so that the caller may write in between. */
function* inOrderOfTime(db: Database): Iterable<CountedAttempt> {
  const page = db.prepare(
    `SELECT rowid AS row_id, ${countedColumns} FROM attempt WHERE (ts, rowid) > (?, ?) ORDER BY ts, rowid LIMIT ?`,
  );
  let last: { readonly ts: number; readonly row_id: number } = { ts: -1, row_id: -1 };
  for (;;) {
    const rows = page.all(last.ts, last.row_id, pageSize) as (CountedAttempt & { readonly row_id: number })[];
    yield* rows;
    last = rows.at(-1) ?? last;
    if (rows.length < pageSize) return;
  }
}

export function rollupKeyOf({
  ts,
  target_id,
  status,
  error_code,
}: Pick<CountedAttempt, 'ts' | 'target_id' | 'status' | 'error_code'>): RollupKey {
  return { ts, targetId: target_id, status, errorCode: error_code };
}
