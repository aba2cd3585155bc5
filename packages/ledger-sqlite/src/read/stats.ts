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

/** In the order of the columns below: a row as an array takes less time than one as an object. */
type SampleRow = readonly [
  targetId: number,
  ts: number,
  ok: 0 | 1,
  errorCode: string | null,
  actualNanoUsd: number | null,
  estimatedNanoUsd: number | null,
  ttftMs: number | null,
  totalMs: number | null,
  usageJson: string | null,
];

/** How each target has done lately. Cancelled and blocked calls say nothing about it and do not count. */
export function stats(db: Database, query: StatsQuery): readonly TargetStats[] {
  const rows = db
    .prepare(
      `SELECT target_id, ts, status = 'ok', error_code, cost_actual_nano, cost_est_nano, ttft_ms, total_ms, usage_json
       FROM attempt
       WHERE ts >= ? AND attempt > 0 AND status IN ('ok', 'failed') AND provider = coalesce(?, provider) AND model = coalesce(?, model)
       ORDER BY ts DESC LIMIT ?`,
    )
    .raw()
    .all(query.sinceMs ?? 0, query.provider ?? null, query.model ?? null, maxSample) as SampleRow[];
  const targetOf = db.prepare('SELECT provider, profile, endpoint, region, model FROM target WHERE target_id = ?');
  const targets = new Map<number, Target>();
  const observed = rows.map((row): ObservedAttempt => {
    const [targetId, ts, ok, errorCode, actualNanoUsd, estimatedNanoUsd, ttftMs, totalMs, usageJson] = row;
    let target = targets.get(targetId);
    if (target === undefined) {
      target = targetOf.get(targetId) as Target;
      targets.set(targetId, target);
    }
    const outputTokens = usageJson === null ? null : outputTokensOf(JSON.parse(usageJson) as Quantities);
    const atMs = ts + (totalMs ?? 0);
    return { target, ok: ok === 1, errorCode, atMs, ttftMs, totalMs, outputTokens, actualNanoUsd, estimatedNanoUsd };
  });
  return targetStats(observed, query);
}
