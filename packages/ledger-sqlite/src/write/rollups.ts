import type { Database } from 'better-sqlite3';
import { sqlInteger } from '../database/sql-integer.js';
import type { Measure, MeasuredAttempt, MeasureRow } from '../measure/measure.js';
import { RollupSums } from '../measure/rollup-sums.js';
import type { RollupKey, RollupPlace } from '../measure/slot.js';

/** Table `rollup`: collected in memory during a batch, merged into the file at its end. */
export class Rollups {
  readonly #sums = new RollupSums();
  readonly #sql;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  begin(): void {
    this.#sums.clear();
  }

  add(key: RollupKey, row: MeasuredAttempt, sign: 1 | -1 = 1): void {
    this.#sums.add(key, row, sign);
  }

  addCost(key: RollupKey, deltaNanoUsd: number): void {
    this.#sums.addCost(key, deltaNanoUsd);
  }

  flush(): void {
    for (const { place, measure } of this.#sums.entries()) {
      const stored = this.#sql.read.get(...place) as MeasureRow | undefined;
      if (stored !== undefined) measure.addRow(stored);
      this.write(place, measure);
    }
    this.#sums.clear();
  }

  /** Before everything is written anew. */
  clear(): void {
    this.#sums.clear();
    this.#sql.clear.run();
  }

  /** What is there already is replaced. */
  write(place: RollupPlace, measure: Measure): void {
    const row = measure.toRow();
    if (row.row_count === 0 && row.cost_nano === 0) {
      this.#sql.remove.run(...place);
      return;
    }
    const { row_count, calls, attempts, cost_nano, unpriced, usage_unknown, usage_json, ttft_hist, total_hist } = row;
    this.#sql.write.run(
      ...place,
      row_count,
      calls,
      attempts,
      sqlInteger(cost_nano),
      unpriced,
      usage_unknown,
      usage_json,
      ttft_hist,
      total_hist,
    );
  }
}

function prepare(db: Database) {
  const place = 'span_min = ? AND slot_ms = ? AND target_id = ? AND status = ? AND error_code = ?';
  return {
    read: db.prepare(`SELECT * FROM rollup WHERE ${place}`),
    remove: db.prepare(`DELETE FROM rollup WHERE ${place}`),
    clear: db.prepare('DELETE FROM rollup'),
    write: db.prepare(
      `INSERT OR REPLACE INTO rollup (span_min, slot_ms, target_id, status, error_code, row_count, calls, attempts,
         cost_nano, unpriced, usage_unknown, usage_json, ttft_hist, total_hist)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
}
