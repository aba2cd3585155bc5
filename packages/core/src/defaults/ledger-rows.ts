import { usdOf } from '../money/nano-usd.js';
import { windowSpan } from '../policies/budget-window.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { HoldRequest, Settlement } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import type { Report, ReportGrouping, ReportQuery, ReportRow, StatsQuery, TargetStats } from '../spec/report.js';
import type { AttemptRecord } from '../spec/response.js';
import type { Target } from '../spec/target.js';

/** One physical request, or a call that ended before its first one (`record` null). */
export interface LedgerRow {
  readonly callId: string;
  readonly status: 'ok' | 'failed' | 'cancelled' | 'blocked' | 'expired';
  readonly record: AttemptRecord | null;
  readonly target: Target | null;
  readonly errorCode: ErrorCode | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly endedAtMs: number;
  /** The part of the call's charge on this row. A correction changes that of the last one. */
  chargedNanoUsd: NanoUsd;
}

/** One row per attempt; one with `record` null when there was none. */
export function rowsOfSettlement(
  callId: string,
  settlement: Settlement,
  held: HoldRequest | undefined,
  chargedNanoUsd: NanoUsd,
  nowMs: number,
): readonly LedgerRow[] {
  const tags = settlement.tags ?? held?.tags ?? {};
  if (settlement.attempts.length === 0) {
    const target = settlement.target ?? held?.target ?? null;
    return [
      {
        callId,
        status: settlement.status,
        record: null,
        target,
        errorCode: settlement.errorCode ?? null,
        tags,
        endedAtMs: nowMs,
        chargedNanoUsd,
      },
    ];
  }
  const rows = settlement.attempts.map((record) => ({
    callId,
    status: record.status,
    record,
    target: record.target,
    errorCode: record.errorCode,
    tags,
    endedAtMs: record.startedAtMs + record.totalMs,
    chargedNanoUsd: record.actualNanoUsd ?? 0,
  }));
  // The rows carry together what was charged.
  const last = rows[rows.length - 1] as LedgerRow;
  last.chargedNanoUsd += chargedNanoUsd - rows.reduce((sum, row) => sum + row.chargedNanoUsd, 0);
  return rows;
}

/** Groups rows; the totals row counts each call once, however many groups its attempts are in. */
export function reportOf(
  rows: readonly LedgerRow[],
  query: ReportQuery,
  ledgerTimezone: string,
  nowMs: number,
): Report {
  const timezone = query.timezone ?? ledgerTimezone;
  const sinceMs = query.sinceMs ?? windowSpan('day', timezone, nowMs).startMs;
  const untilMs = query.untilMs ?? nowMs + 1;
  const by = query.by ?? 'model';
  const within = rows.filter((row) => row.endedAtMs >= sinceMs && row.endedAtMs < untilMs);
  const groups = new Map<string, LedgerRow[]>();
  for (const row of within) {
    const key = keyOf(row, by, timezone);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const grouped = [...groups].map(([key, members]) => rowOf(key, members));
  const inTime = by === 'hour' || by === 'day' || by === 'week' || by === 'month';
  grouped.sort((first, second) =>
    inTime ? (first.key < second.key ? -1 : 1) : second.costNanoUsd - first.costNanoUsd,
  );
  return { sinceMs, untilMs, timezone, by, rows: grouped, totals: rowOf('total', within) };
}

function keyOf(row: LedgerRow, by: ReportGrouping, timezone: string): string {
  switch (by) {
    case 'hour':
    case 'day':
    case 'week':
    case 'month':
      return new Date(windowSpan(by, timezone, row.endedAtMs).startMs).toISOString();
    case 'provider':
      return row.target?.provider ?? '(none)';
    case 'model':
      return row.target?.model ?? '(none)';
    case 'endpoint':
      return row.target === null ? '(none)' : `${row.target.provider}/${row.target.endpoint}`;
    case 'status':
      return row.status;
    case 'error':
      return row.errorCode ?? '(none)';
    default:
      return row.tags[by.slice('tag:'.length)] ?? '(none)';
  }
}

function rowOf(key: string, rows: readonly LedgerRow[]): ReportRow {
  const count = (status: LedgerRow['status']) => rows.filter((row) => row.status === status).length;
  const records = rows.flatMap((row) => (row.record === null ? [] : [row.record]));
  const quantities: Record<string, number> = {};
  const costNanoUsd = rows.reduce((sum, row) => sum + row.chargedNanoUsd, 0);
  for (const { usage } of records) {
    for (const [unit, quantity] of Object.entries(usage?.quantities ?? {}))
      quantities[unit] = (quantities[unit] ?? 0) + (quantity ?? 0);
  }
  const totals = sorted(records.map(({ totalMs }) => totalMs));
  const ttfts = sorted(records.flatMap(({ ttftMs }) => (ttftMs === null ? [] : [ttftMs])));
  return {
    key,
    calls: new Set(rows.map(({ callId }) => callId)).size,
    attempts: records.length,
    ok: count('ok'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    blocked: count('blocked'),
    expired: count('expired'),
    costNanoUsd,
    costUsd: usdOf(costNanoUsd),
    unpriced: records.filter(({ actualNanoUsd }) => actualNanoUsd === null).length,
    usageUnknown: records.filter(({ usage }) => usage?.unknown === true).length,
    quantities,
    ttftP50Ms: quantile(ttfts, 0.5),
    totalP50Ms: quantile(totals, 0.5),
    totalP95Ms: quantile(totals, 0.95),
  };
}

/** What the rows say about each target. Cancelled attempts say nothing about it. */
export function statsOf(rows: readonly LedgerRow[], query: StatsQuery): readonly TargetStats[] {
  const byTarget = new Map<string, { target: Target; records: AttemptRecord[] }>();
  for (const { record, endedAtMs } of rows) {
    if (record === null || record.status === 'cancelled' || endedAtMs < (query.sinceMs ?? 0)) continue;
    const { target } = record;
    if ((query.provider ?? target.provider) !== target.provider || (query.model ?? target.model) !== target.model)
      continue;
    const key = JSON.stringify(target);
    const group = byTarget.get(key);
    if (group === undefined) byTarget.set(key, { target, records: [record] });
    else group.records.push(record);
  }
  return [...byTarget.values()].map(({ target, records }) => {
    const good = records.filter(({ status }) => status === 'ok');
    const totals = sorted(good.map(({ totalMs }) => totalMs));
    const costs = good.flatMap(({ actualNanoUsd }) => (actualNanoUsd === null ? [] : [actualNanoUsd]));
    return {
      ...target,
      calls: records.length,
      failRate: (records.length - good.length) / records.length,
      p50Ms: quantile(totals, 0.5),
      p95Ms: quantile(totals, 0.95),
      ttftMs: quantile(sorted(good.flatMap(({ ttftMs }) => (ttftMs === null ? [] : [ttftMs]))), 0.5),
      costNanoUsd: costs.length === 0 ? null : Math.round(costs.reduce((sum, cost) => sum + cost, 0) / costs.length),
    };
  });
}

function sorted(values: readonly number[]): readonly number[] {
  return [...values].sort((first, second) => first - second);
}

/** Nearest rank. */
function quantile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? null;
}
