import type { Database } from 'better-sqlite3';
import { cellsJson, DetailSums } from './detail-sums.js';
import { type DetailKind, dayMs, detailSpans, quarterMs, startOf } from './kinds.js';

const [quarter, day] = detailSpans;

/** A day with more keys of a kind is read by its quarter hours: nobody wants to write such a row for every new call. */
const maxDayKeys = 10_000;

/** Table `detail`, inside the transaction of the caller. */
export class DetailTable {
  readonly #sql;

  constructor(db: Database) {
    const place = 'span_min = ? AND slot_ms = ?';
    this.#sql = {
      read: db.prepare(`SELECT cells FROM detail WHERE ${place} AND kind = ?`).pluck(),
      write: db.prepare('INSERT OR REPLACE INTO detail (span_min, slot_ms, kind, cells) VALUES (?, ?, ?, ?)'),
      remove: db.prepare(`DELETE FROM detail WHERE ${place}`),
      openDay: db.prepare(`UPDATE detail SET cells = NULL WHERE ${place}`),
      archived: db.prepare('SELECT kind, cells FROM archive WHERE slot_ms = ?'),
      quarters: db.prepare(
        `SELECT cells FROM detail WHERE span_min = ${quarter} AND slot_ms >= ? AND slot_ms < ? AND kind = ?`,
      ),
    };
  }

  /** Adds to what is there. */
  add(sums: DetailSums): void {
    for (const { slotMs, kind, cells } of sums.slots()) {
      const stored = this.#sql.read.get(quarter, slotMs, kind) as string | undefined;
      let all = cells;
      if (stored !== undefined) {
        const merged = new DetailSums();
        merged.addStored(slotMs, kind, stored);
        merged.addCells(slotMs, kind, cells);
        for (const slot of merged.slots()) all = slot.cells;
      }
      this.#sql.write.run(quarter, slotMs, kind, cellsJson(all));
      this.#sql.write.run(day, startOf(dayMs, slotMs), kind, null);
    }
  }

  /** Forgets a quarter hour: what comes next is added to what is archived of it. */
  reset(slotMs: number): void {
    this.#sql.remove.run(quarter, slotMs);
    this.#sql.openDay.run(day, startOf(dayMs, slotMs));
    const archived = new DetailSums();
    for (const { kind, cells } of this.#sql.archived.all(slotMs) as { kind: DetailKind; cells: string }[])
      archived.addStored(slotMs, kind, cells);
    this.add(archived);
  }

  /** Adds up the quarter hours of a day. */
  closeDay(slotMs: number, kind: DetailKind): void {
    const sums = new DetailSums();
    for (const { cells } of this.#sql.quarters.iterate(slotMs, slotMs + dayMs, kind) as Iterable<{ cells: string }>)
      sums.addStored(slotMs, kind, cells);
    let text = '{}';
    for (const { cells } of sums.slots()) text = cells.size > maxDayKeys ? '' : cellsJson(cells);
    this.#sql.write.run(day, slotMs, kind, text);
  }
}

/** Days of the past that are not added up yet. */
export function openDays(db: Database, nowMs: number, limit: number): readonly { slot_ms: number; kind: DetailKind }[] {
  return db
    .prepare('SELECT slot_ms, kind FROM detail WHERE cells IS NULL AND slot_ms <= ? ORDER BY slot_ms LIMIT ?')
    .all(startOf(quarterMs, nowMs) - dayMs, limit) as { slot_ms: number; kind: DetailKind }[];
}
