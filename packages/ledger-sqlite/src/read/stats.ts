import type { StatsQuery, Target, TargetStats } from '@vibe/core';
import type { Database } from 'better-sqlite3';

/** Statistics look at the latest attempts only: what an endpoint did last month says little about now. */
const maxSample = 10_000;

interface SampleRow extends Target {
  readonly status: 'ok' | 'failed';
  readonly cost_actual_nano: number | null;
  readonly ttft_ms: number | null;
  readonly total_ms: number | null;
}

/** How each target has done lately. Cancelled and blocked calls say nothing about it and do not count. */
export function stats(db: Database, query: StatsQuery): readonly TargetStats[] {
  const rows = db
    .prepare(
      `SELECT provider, profile, endpoint, region, model, status, cost_actual_nano, ttft_ms, total_ms FROM attempt
       WHERE ts >= ? AND attempt > 0 AND status IN ('ok', 'failed') AND provider = coalesce(?, provider) AND model = coalesce(?, model)
       ORDER BY ts DESC LIMIT ?`,
    )
    .all(query.sinceMs ?? 0, query.provider ?? null, query.model ?? null, maxSample) as SampleRow[];
  const byTarget = new Map<string, SampleRow[]>();
  for (const row of rows) {
    const { provider, profile, endpoint, region, model } = row;
    const key = JSON.stringify([provider, profile, endpoint, region, model]);
    const group = byTarget.get(key);
    if (group === undefined) byTarget.set(key, [row]);
    else group.push(row);
  }
  return [...byTarget.values()].map(statsOf);
}

function statsOf(rows: readonly SampleRow[]): TargetStats {
  const { provider, profile, endpoint, region, model } = rows[0] as SampleRow;
  const good = rows.filter(({ status }) => status === 'ok');
  const totals = sorted(good.map(({ total_ms }) => total_ms));
  const costs = good.flatMap(({ cost_actual_nano }) => (cost_actual_nano === null ? [] : [cost_actual_nano]));
  return {
    provider,
    profile,
    endpoint,
    region,
    model,
    calls: rows.length,
    failRate: (rows.length - good.length) / rows.length,
    p50Ms: quantile(totals, 0.5),
    p95Ms: quantile(totals, 0.95),
    ttftMs: quantile(sorted(good.map(({ ttft_ms }) => ttft_ms)), 0.5),
    costNanoUsd: costs.length === 0 ? null : Math.round(costs.reduce((sum, cost) => sum + cost, 0) / costs.length),
  };
}

function sorted(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null).sort((left, right) => left - right);
}

/** Nearest rank. */
function quantile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? null;
}
