import {
  type ObservedAttempt,
  outputTokensOf,
  type Quantities,
  type StatsQuery,
  type Target,
  type TargetStats,
  targetStats,
} from '@vibe/core';
import type { Database } from 'better-sqlite3';

/** Statistics look at the latest attempts only: what an endpoint did last month says little about now. */
const maxSample = 10_000;

interface SampleRow {
  readonly target_id: number;
  readonly ts: number;
  readonly status: 'ok' | 'failed';
  readonly error_code: string | null;
  readonly cost_actual_nano: number | null;
  readonly cost_est_nano: number | null;
  readonly ttft_ms: number | null;
  readonly total_ms: number | null;
  readonly usage_json: string | null;
}

/** How each target has done lately. Cancelled and blocked calls say nothing about it and do not count. */
export function stats(db: Database, query: StatsQuery): readonly TargetStats[] {
  const rows = db
    .prepare(
      `SELECT target_id, ts, status, error_code, cost_actual_nano, cost_est_nano, ttft_ms, total_ms, usage_json FROM attempt
       WHERE ts >= ? AND attempt > 0 AND status IN ('ok', 'failed') AND provider = coalesce(?, provider) AND model = coalesce(?, model)
       ORDER BY ts DESC LIMIT ?`,
    )
    .all(query.sinceMs ?? 0, query.provider ?? null, query.model ?? null, maxSample) as SampleRow[];
  const targetOf = db.prepare('SELECT provider, profile, endpoint, region, model FROM target WHERE target_id = ?');
  const targets = new Map<number, Target>();
  const observed = rows.map((row): ObservedAttempt => {
    let target = targets.get(row.target_id);
    if (target === undefined) {
      target = targetOf.get(row.target_id) as Target;
      targets.set(row.target_id, target);
    }
    return {
      target,
      ok: row.status === 'ok',
      errorCode: row.error_code,
      atMs: row.ts + (row.total_ms ?? 0),
      ttftMs: row.ttft_ms,
      totalMs: row.total_ms,
      outputTokens: row.usage_json === null ? null : outputTokensOf(JSON.parse(row.usage_json) as Quantities),
      actualNanoUsd: row.cost_actual_nano,
      estimatedNanoUsd: row.cost_est_nano,
    };
  });
  return targetStats(observed, query);
}
