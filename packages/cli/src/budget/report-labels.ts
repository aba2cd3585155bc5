import { type Report, type ReportRow, windowSpan } from '@vibe/core';
import { clock, dayLabel, monthLabel, offset } from '../output/time.js';
import type { TimeGrouping } from './grouping.js';
import { localDate } from './period.js';
import type { Spending } from './spending.js';

/** Beyond so many lines, hours and days without calls are left out. */
const maxFilledRows = 400;

/** A report in time shows days without calls too: a gap is an answer. */
export function filled(report: Report, by: TimeGrouping): readonly ReportRow[] {
  const byKey = new Map(report.rows.map((row) => [row.key, row]));
  const rows: ReportRow[] = [];
  for (let atMs = report.sinceMs; atMs < report.untilMs; ) {
    const { startMs, endMs } = windowSpan(by, report.timezone, atMs);
    const key = new Date(startMs).toISOString();
    rows.push(byKey.get(key) ?? { ...nothing, key });
    if (rows.length > maxFilledRows) return report.rows;
    atMs = endMs ?? report.untilMs;
  }
  return rows;
}

const nothing: Omit<ReportRow, 'key'> = {
  calls: 0,
  attempts: 0,
  ok: 0,
  failed: 0,
  cancelled: 0,
  blocked: 0,
  expired: 0,
  costNanoUsd: 0,
  costUsd: 0,
  unpriced: 0,
  usageUnknown: 0,
  quantities: {},
  costByUnit: {},
  ttftP50Ms: null,
  totalP50Ms: null,
  totalP95Ms: null,
};

/** Names of the lines for people. `*` marks the window that is not over. */
export function labelsOf({ by, report, nowMs, timezone, period }: Spending): readonly string[] {
  const { rows } = report;
  if (by !== 'hour' && by !== 'day' && by !== 'week' && by !== 'month') return rows.map(({ key }) => key);
  const withMonth = monthLabel(period.sinceMs, timezone) !== monthLabel(period.untilMs - 1, timezone);
  const labels = rows.map(({ key }) => timeLabel(by, Date.parse(key), timezone, withMonth));
  const twice = new Set(labels.filter((label, index) => labels.indexOf(label) !== index));
  return rows.map(({ key }, index) => {
    const label = labels[index] ?? key;
    const atMs = Date.parse(key);
    const { startMs, endMs } = windowSpan(by, timezone, nowMs);
    const open = atMs === startMs && nowMs < (endMs ?? 0) ? '*' : '';
    return `${twice.has(label) ? `${label} ${offset(atMs, timezone)}` : label}${open}`;
  });
}

function timeLabel(by: TimeGrouping, atMs: number, timezone: string, withMonth: boolean): string {
  switch (by) {
    case 'hour':
      return `${dayLabel(atMs, timezone, withMonth)} ${clock(atMs, timezone)}`;
    case 'day':
      return dayLabel(atMs, timezone, withMonth);
    case 'week':
      return `from ${dayLabel(atMs, timezone, true)}`;
    case 'month':
      return monthLabel(atMs, timezone);
  }
}

/** Names of the lines for programs: dates of the zone, hours in UTC, everything else as it is. */
export function plainKey({ by, timezone }: Spending, key: string): string {
  if (by === 'day' || by === 'week') return localDate(Date.parse(key), timezone);
  return by === 'month' ? localDate(Date.parse(key), timezone).slice(0, 7) : key;
}
