import type { Database } from 'better-sqlite3';
import { Cell, type StoredCell, sameCells } from '../detail/cell.js';
import { type Cells, cellsJson, DetailSums } from '../detail/detail-sums.js';
import { detailedAttempts } from '../detail/detailed-attempts.js';
import { type DetailKind, dayMs, detailSpans, startOf } from '../detail/kinds.js';
import { changedSlots, isValid, readMark } from '../detail/mark.js';

const [quarter, day] = detailSpans;

interface Stored {
  readonly slot_ms: number;
  readonly kind: DetailKind;
  /** Of a day: null before it was added up, '' where there are too many keys. */
  readonly cells: string | null;
}

type Tell = (problem: string) => void;

/** Checks table `detail` as far as it goes: what was folded, and has not changed since. Day by day, for the sake of memory. */
export function checkDetails(db: Database, tell: Tell): void {
  const mark = readMark(db);
  // Nobody reads them then, and the next fold begins anew.
  if (mark.rowId === 0 || !isValid(db, mark)) return;
  const { slots: changed } = changedSlots(db, mark, -1);
  const changedDays = new Set([...changed].map((slotMs) => startOf(dayMs, slotMs)));
  const inDay = detailedAttempts(db, 'ts >= ? AND ts < ? AND rowid <= ?');
  const archived = db.prepare('SELECT slot_ms, kind, cells FROM archive WHERE slot_ms >= ? AND slot_ms < ?');
  const stored = db.prepare(
    'SELECT slot_ms, kind, cells FROM detail WHERE span_min = ? AND slot_ms >= ? AND slot_ms < ?',
  );
  for (const dayStartMs of daysOf(db)) {
    const range = [dayStartMs, dayStartMs + dayMs] as const;
    const truth = new DetailSums();
    for (const attempt of inDay(...range, mark.rowId)) truth.add(attempt, attempt.ts);
    for (const { slot_ms, kind, cells } of archived.all(...range) as Stored[])
      truth.addStored(slot_ms, kind, cells ?? '{}');
    const quarters = (stored.all(quarter, ...range) as Stored[]).filter(({ slot_ms }) => !changed.has(slot_ms));
    compare('quarter hour', truth, quarters, (slotMs) => !changed.has(slotMs), tell);
    if (changedDays.has(dayStartMs)) continue;
    const closed = (stored.all(day, ...range) as Stored[]).filter(({ cells }) => cells !== null && cells !== '');
    const kinds = new Set(closed.map(({ kind }) => kind));
    compare('day', dayOf(truth, dayStartMs, kinds), closed, () => true, tell);
  }
}

function daysOf(db: Database): readonly number[] {
  const days = `SELECT DISTINCT ts / ${dayMs} FROM attempt UNION SELECT DISTINCT slot_ms / ${dayMs} FROM detail
    UNION SELECT DISTINCT slot_ms / ${dayMs} FROM archive ORDER BY 1`;
  return (db.prepare(days).pluck().all() as number[]).map((number) => number * dayMs);
}

function dayOf(quarters: DetailSums, dayStartMs: number, kinds: ReadonlySet<DetailKind>): DetailSums {
  const sums = new DetailSums();
  for (const { kind, cells } of quarters.slots()) if (kinds.has(kind)) sums.addCells(dayStartMs, kind, cells);
  return sums;
}

function compare(
  span: string,
  truth: DetailSums,
  stored: readonly Stored[],
  isAsked: (slotMs: number) => boolean,
  tell: Tell,
): void {
  const left = new Map(stored.map(({ slot_ms, kind, cells }) => [`${slot_ms} ${kind}`, cells ?? '{}']));
  for (const { slotMs, kind, cells } of truth.slots()) {
    if (!isAsked(slotMs)) continue;
    const name = `${slotMs} ${kind}`;
    const found = left.get(name);
    left.delete(name);
    if (found === undefined || !same(found, cells))
      tell(`detail of ${kind}, ${span} of ${new Date(slotMs).toISOString()}, differs from its attempts`);
  }
  for (const [name, cells] of left) if (cells !== '{}') tell(`detail ${name} (${span}) has no attempts`);
}

function same(stored: string, cells: Cells): boolean {
  if (stored === cellsJson(cells)) return true;
  // Fractions (seconds of audio) may have been added in another order.
  const found = JSON.parse(stored) as Record<string, StoredCell>;
  const keys = Object.keys(found);
  return keys.length === cells.size && keys.every((key) => isSameCell(found[key] as StoredCell, cells.get(key)));
}

function isSameCell(stored: StoredCell, truth: Cell | undefined): boolean {
  const cell = new Cell();
  cell.addStored(stored);
  return truth !== undefined && sameCells(cell, truth);
}
