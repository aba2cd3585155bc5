import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';

/** How well the cost of one model at one endpoint was foreseen. Only attempts whose estimate and actual cost are known. */
export interface AccuracyRow {
  readonly provider: string;
  readonly endpoint: string;
  readonly model: string;
  readonly attempts: number;
  readonly estimatedNanoUsd: NanoUsd;
  readonly actualNanoUsd: NanoUsd;
  /** Attempts that cost more than was estimated. */
  readonly above: number;
  /** The highest actual cost as a multiple of its estimate; null when every estimate is 0. */
  readonly highestRatio: number | null;
  /** Calls that cost more than was held for them, and by how much together. */
  readonly overruns: number;
  readonly overrunNanoUsd: NanoUsd;
}

/** Dearest first. */
export function accuracy(
  db: Database,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
): readonly AccuracyRow[] {
  return db
    .prepare(
      `SELECT provider, endpoint, model, count(*) AS attempts, sum(cost_est_nano) AS estimatedNanoUsd,
         sum(cost_actual_nano) AS actualNanoUsd, sum(cost_actual_nano > cost_est_nano) AS above,
         max(CASE WHEN cost_est_nano > 0 THEN 1.0 * cost_actual_nano / cost_est_nano END) AS highestRatio,
         count(over.amount_nano) AS overruns, coalesce(sum(over.amount_nano), 0) AS overrunNanoUsd
       FROM attempt LEFT JOIN event AS over ON last = 1 AND over.call_id = attempt.call_id AND over.kind = 'overrun' AND over.n = 0
       WHERE attempt.ts >= ? AND attempt.ts < ? AND attempt > 0 AND cost_est_nano IS NOT NULL AND cost_actual_nano IS NOT NULL
       GROUP BY provider, endpoint, model ORDER BY actualNanoUsd DESC, model, provider, endpoint`,
    )
    .all(sinceMs, untilMs) as AccuracyRow[];
}
