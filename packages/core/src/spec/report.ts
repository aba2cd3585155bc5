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
  | 'unit'
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
  /** Also splits the cost of every row by unit. Reads single attempts instead of sums: slower on long reports. */
  readonly breakdown?: boolean;
  /** IANA; default: the ledger's. */
  readonly timezone?: string;
}

/**
 * One line of a report. Attempts are physical requests; calls are what users asked for. An attempt is counted when it
 * began and where it went, a call with its last attempt, a correction with its call. By `unit` an attempt is in the line
 * of each unit it used; the totals count it once. `(none)` is the key of what has no value to group by: a call without
 * the tag, without a target, without an error, money that is in no cost line.
 */
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
  /**
   * With `breakdown`: the cost by unit, to the nano-USD as much as `costNanoUsd`. What stands in no cost line is under
   * `(none)`: corrections, expired holds, and the hold of a strict call whose cost nobody knows.
   */
  readonly costByUnit?: Readonly<Record<string, NanoUsd>>;
  readonly ttftP50Ms: number | null;
  readonly totalP50Ms: number | null;
  readonly totalP95Ms: number | null;
}

export interface Report {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly timezone: string;
  readonly by: ReportGrouping;
  /** Dearest first, then by key; time groupings in order of time. */
  readonly rows: readonly ReportRow[];
  readonly totals: ReportRow;
}

export interface StatsQuery {
  readonly sinceMs?: number;
  readonly provider?: string;
  readonly model?: string;
  /** Asks for `TargetStats.recent` too: an attempt counts half as much for every `halfLifeMs` that it is older than `nowMs`. */
  readonly recent?: { readonly nowMs: number; readonly halfLifeMs: number };
}

/** What attempts at a target were like. */
export interface TargetSample {
  /** How many there were; of a weighted sample the sum of their weights. */
  readonly calls: number;
  /** 0..1; failures that say nothing about the target (cancelled, blocked, a wrong request) do not count. */
  readonly failRate: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Median time to the first token. */
  readonly ttftMs: number | null;
  /**
   * Median and 95th percentile of the pace: ms per token of output, where an answer counts as 50 tokens more than it has.
   * Compares targets that have answered calls of different length.
   */
  readonly paceP50Ms?: number | null;
  readonly paceP95Ms?: number | null;
  /** Mean of the attempts whose cost is known. */
  readonly costNanoUsd: NanoUsd | null;
  /** Mean of what those same attempts were expected to cost; their ratio corrects what a new call is expected to cost. */
  readonly expectedNanoUsd?: NanoUsd | null;
}

/** What the ledger has seen of a target. */
export interface TargetStats extends TargetSample {
  readonly provider: string;
  readonly profile: string;
  readonly endpoint: string;
  readonly region: Region;
  readonly model: string;
  /** The same attempts, the latest counting most. Null: none lately, or nobody asked. */
  readonly recent?: TargetSample | null;
}
