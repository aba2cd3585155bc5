import { noTag, type Report, type ReportGrouping, type ReportRow } from '@vibe/core';
import type { BreakerState } from './breakers.js';
import type { Period } from './period.js';

/** What a ranking is about. `fail`: failed attempts; `latency`: the 95th percentile of whole answers. */
export type Metric = 'cost' | 'calls' | 'fail' | 'latency';

/** A ranking: its lines, and what they are part of. */
export interface Ranking {
  readonly by: ReportGrouping;
  readonly metric: Metric;
  readonly period: Period;
  readonly timezone: string;
  readonly nowMs: number;
  readonly rows: readonly ReportRow[];
  /** Lines that the limit leaves out. */
  readonly more: number;
  readonly totals: ReportRow;
  /** By key of a line; without one it is closed. Null: not known of such lines. */
  readonly breakers: ReadonlyMap<string, BreakerState> | null;
}

/** The value that lines are ranked by; null: nothing is known. */
export function metricOf(metric: Metric, { costNanoUsd, calls, failed, totalP95Ms }: ReportRow): number | null {
  switch (metric) {
    case 'cost':
      return costNanoUsd;
    case 'calls':
      return calls;
    case 'fail':
      return failed;
    case 'latency':
      return totalP95Ms;
  }
}

/** Highest first; what is equal by key, so that two runs show the same. Lines without a value come last. */
export function rank(
  { rows, totals, timezone }: Report,
  {
    by,
    metric,
    limit,
    period,
    nowMs,
    breakers = null,
  }: Pick<Ranking, 'by' | 'metric' | 'period' | 'nowMs'> & {
    readonly limit: number;
    readonly breakers?: Ranking['breakers'];
  },
): Ranking {
  const ranked = [...rows].sort((left, right) => {
    const difference = (metricOf(metric, right) ?? -1) - (metricOf(metric, left) ?? -1);
    return difference === 0 ? (left.key < right.key ? -1 : 1) : difference;
  });
  return {
    by,
    metric,
    period,
    timezone,
    nowMs,
    rows: ranked.slice(0, limit),
    more: Math.max(0, ranked.length - limit),
    totals,
    breakers,
  };
}

/** Null where nothing is known of it. */
export function breakerOf({ breakers }: Ranking, { key }: ReportRow): BreakerState | null {
  if (breakers === null || key === noTag) return null;
  return breakers.get(key) ?? 'closed';
}

/** Share of all of the metric; null for durations, which do not add up. */
export function shareOf({ metric, totals }: Ranking, row: ReportRow): number | null {
  const whole = metric === 'latency' ? null : metricOf(metric, totals);
  return whole === null || whole === 0 ? null : (metricOf(metric, row) ?? 0) / whole;
}
