import { usdOf } from '../money/nano-usd.js';
import { noTag, tagOf } from '../policies/budget-scope.js';
import { windowSpan } from '../policies/budget-window.js';
import type { NanoUsd } from '../spec/money.js';
import type { Report, ReportGrouping, ReportQuery, ReportRow } from '../spec/report.js';
import { type LedgerRow, quantile, sorted } from './ledger-rows.js';

/** What a row contributes to a line: all of it, or (by unit) the part of one unit. `null`: its cost alone. */
interface Share {
  readonly row: LedgerRow | null;
  readonly costs: ReadonlyMap<string, NanoUsd>;
  /** Null: all. */
  readonly unit: string | null;
}

/** The sums of rows. What `spec/report.ts` promises, in the plainest form: other ledgers are compared with it. */
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
  const breakdown = query.breakdown === true;
  const within = rows.filter(({ startedAtMs }) => startedAtMs >= sinceMs && startedAtMs < untilMs);
  const groups = new Map<string, Share[]>();
  for (const row of within) {
    for (const [key, share] of by === 'unit' ? sharesByUnit(row) : [[keyOf(row, by, timezone), whole(row)] as const]) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [share]);
      else group.push(share);
    }
  }
  const grouped = [...groups].map(([key, shares]) => lineOf(key, shares, breakdown));
  const inTime = by === 'hour' || by === 'day' || by === 'week' || by === 'month';
  grouped.sort((first, second) => {
    const dearer = inTime ? 0 : second.costNanoUsd - first.costNanoUsd;
    return dearer === 0 ? (first.key < second.key ? -1 : 1) : dearer;
  });
  return { sinceMs, untilMs, timezone, by, rows: grouped, totals: lineOf('total', within.map(whole), breakdown) };
}

function keyOf(row: LedgerRow, by: Exclude<ReportGrouping, 'unit'>, timezone: string): string {
  switch (by) {
    case 'hour':
    case 'day':
    case 'week':
    case 'month':
      return new Date(windowSpan(by, timezone, row.startedAtMs).startMs).toISOString();
    case 'provider':
      return row.target?.provider ?? noTag;
    case 'model':
      return row.target?.model ?? noTag;
    case 'endpoint':
      return row.target === null ? noTag : `${row.target.provider}/${row.target.endpoint}`;
    case 'status':
      return row.status;
    case 'error':
      return row.errorCode ?? noTag;
    default:
      return tagOf(row.tags, by.slice('tag:'.length)) ?? noTag;
  }
}

function whole(row: LedgerRow): Share {
  return { row, costs: costsOf(row), unit: null };
}

function sharesByUnit(row: LedgerRow): readonly (readonly [string, Share])[] {
  const costs = costsOf(row);
  const units = new Set([...Object.keys(row.usage?.quantities ?? {}), ...costs.keys()]);
  units.delete(noTag);
  const rest = new Map([[noTag, costs.get(noTag) ?? 0]]);
  const shares = [...units].map((unit): [string, Share] => [
    unit,
    { row, costs: new Map([[unit, costs.get(unit) ?? 0]]), unit },
  ]);
  if (units.size === 0) return [[noTag, { row, costs: rest, unit: noTag }]];
  return costs.has(noTag) ? [...shares, [noTag, { row: null, costs: rest, unit: noTag }]] : shares;
}

/** Together what the row was charged. */
function costsOf({ lines, chargedNanoUsd }: LedgerRow): ReadonlyMap<string, NanoUsd> {
  const costs = new Map<string, NanoUsd>();
  let rest = chargedNanoUsd;
  for (const { unit, nanoUsd } of lines) {
    costs.set(unit, (costs.get(unit) ?? 0) + nanoUsd);
    rest -= nanoUsd;
  }
  if (rest !== 0) costs.set(noTag, rest);
  return costs;
}

function lineOf(key: string, shares: readonly Share[], breakdown: boolean): ReportRow {
  const rows = shares.flatMap(({ row }) => (row === null ? [] : [row]));
  const sent = rows.filter(({ attempt }) => attempt > 0);
  const count = (status: LedgerRow['status']) => rows.filter((row) => row.status === status).length;
  const costByUnit = sumsOf(shares.map(({ costs }) => costs));
  const costNanoUsd = [...costByUnit.values()].reduce((sum, nanoUsd) => sum + nanoUsd, 0);
  const totals = sorted(sent.map(({ totalMs }) => totalMs));
  return {
    key,
    calls: rows.filter(({ last }) => last).length,
    attempts: sent.length,
    ok: count('ok'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    blocked: count('blocked'),
    expired: count('expired'),
    costNanoUsd,
    costUsd: usdOf(costNanoUsd),
    unpriced: rows.filter(({ actualNanoUsd }) => actualNanoUsd === null).length,
    usageUnknown: rows.filter(({ usageUnknown }) => usageUnknown).length,
    quantities: Object.fromEntries(sumsOf(shares.map(quantitiesOf))),
    ...(breakdown && { costByUnit: Object.fromEntries(costByUnit) }),
    ttftP50Ms: quantile(sorted(sent.map(({ ttftMs }) => ttftMs)), 0.5),
    totalP50Ms: quantile(totals, 0.5),
    totalP95Ms: quantile(totals, 0.95),
  };
}

function quantitiesOf({ row, unit }: Share): ReadonlyMap<string, number> {
  const said = Object.entries(row?.usage?.quantities ?? {});
  return new Map(
    said.flatMap(([name, quantity]) =>
      quantity === undefined || (unit !== null && unit !== name) ? [] : [[name, quantity] as const],
    ),
  );
}

function sumsOf(maps: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const map of maps) for (const [name, value] of map) sums.set(name, (sums.get(name) ?? 0) + value);
  return sums;
}
