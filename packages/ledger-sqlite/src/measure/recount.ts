import type { Database } from 'better-sqlite3';
import { measuredOf, type StoredMeasures } from './measure.js';
import { RollupSums } from './rollup-sums.js';
import type { RollupKey } from './slot.js';

/** A row of table `attempt` with what its sums are kept apart by. */
export interface CountedAttempt extends StoredMeasures {
  readonly call_id: string;
  readonly ts: number;
  readonly status: string;
  readonly error_code: string | null;
  readonly target_id: number | null;
}

/** Columns of `CountedAttempt`, for queries over `attempt AS a` with this join. */
export const countedColumns = `a.call_id, a.attempt, a.ts, a.status, a.usage_json, a.usage_unknown, a.cost_actual_nano, a.charged_nano,
  a.ttft_ms, a.total_ms, a.last, a.error_code, t.target_id`;
export const countedJoin = `LEFT JOIN target AS t ON t.provider = coalesce(a.provider, '') AND t.profile = coalesce(a.profile, '')
  AND t.endpoint = coalesce(a.endpoint, '') AND t.region = coalesce(a.region, '') AND t.model = coalesce(a.model, '')`;

/** All sums of table `rollup`, computed anew from attempts and corrections. */
export function recount(db: Database): { readonly sums: RollupSums; readonly attempts: number } {
  const sums = new RollupSums();
  let attempts = 0;
  const rows = db.prepare(`SELECT ${countedColumns} FROM attempt AS a ${countedJoin}`).iterate();
  for (const row of rows as IterableIterator<CountedAttempt>) {
    attempts += 1;
    sums.add(rollupKeyOf(row), measuredOf(row));
  }
  const corrections = db
    .prepare(
      `SELECT ${countedColumns}, e.amount_nano AS delta_nano FROM event AS e
       JOIN attempt AS a ON a.call_id = e.call_id AND a.last = 1 ${countedJoin} WHERE e.kind = 'correct'`,
    )
    .iterate();
  for (const row of corrections as IterableIterator<CountedAttempt & { readonly delta_nano: number }>) {
    sums.addCost(rollupKeyOf(row), row.delta_nano);
  }
  return { sums, attempts };
}

export function rollupKeyOf({ ts, target_id, status, error_code }: CountedAttempt): RollupKey {
  return { ts, targetId: target_id ?? 0, status, errorCode: error_code };
}
