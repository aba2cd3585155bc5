import type { NanoUsd } from './money.js';
import type { Region } from './target.js';
import type { Quantities } from './usage.js';

/** What rows of a report stand for. */
export type ReportGrouping =
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'provider'
  | 'model'
  | 'endpoint'
  | 'status'
  | 'error'
  | `tag:${string}`;

export interface ReportQuery {
  /** Epoch milliseconds; default: the start of today in `timezone`. */
  readonly sinceMs?: number;
  /** Exclusive; default: now. */
  readonly untilMs?: number;
  /** Default `model`. */
  readonly by?: ReportGrouping;
  /** IANA; default: the ledger's. */
  readonly timezone?: string;
}

/** One line of a report. Attempts are physical requests; calls are what users asked for. */
export interface ReportRow {
  readonly key: string;
  readonly calls: number;
  readonly attempts: number;
  readonly ok: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly blocked: number;
  readonly expired: number;
  /** Known cost. */
  readonly costNanoUsd: NanoUsd;
  readonly costUsd: number;
  /** Attempts whose cost is unknown; their money is not in `costNanoUsd`. */
  readonly unpriced: number;
  /** Attempts whose usage the provider did not say; their cost is our estimate. */
  readonly usageUnknown: number;
  readonly quantities: Quantities;
  readonly ttftP50Ms: number | null;
  readonly totalP50Ms: number | null;
  readonly totalP95Ms: number | null;
}

export interface Report {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly timezone: string;
  readonly by: ReportGrouping;
  /** Dearest first; time groupings in order of time. */
  readonly rows: readonly ReportRow[];
  readonly totals: ReportRow;
}

export interface StatsQuery {
  readonly sinceMs?: number;
  readonly provider?: string;
  readonly model?: string;
}

/** What the ledger has seen of a target. */
export interface TargetStats {
  readonly provider: string;
  readonly profile: string;
  readonly endpoint: string;
  readonly region: Region;
  readonly model: string;
  readonly calls: number;
  /** 0..1; failures that say nothing about the target (cancelled, blocked) do not count. */
  readonly failRate: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly ttftMs: number | null;
  /** Mean of the calls whose cost is known. */
  readonly costNanoUsd: NanoUsd | null;
}
