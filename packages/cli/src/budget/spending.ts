import type { Report, ReportGrouping } from '@vibe/core';
import { tildePath } from '../ledger-path.js';
import { dateRange } from '../output/time.js';
import type { Period } from './period.js';

/** A report with what it was asked for, and the days before for comparison. */
export interface Spending {
  readonly by: ReportGrouping;
  readonly period: Period;
  readonly timezone: string;
  readonly nowMs: number;
  readonly report: Report;
  readonly before: Report | null;
  readonly breakdown: boolean;
}

/** Days that are shown unless flags say otherwise. */
export const defaultDays = 7;

export function isEmpty({ totals }: Report): boolean {
  return totals.calls === 0 && totals.attempts === 0 && totals.costNanoUsd === 0;
}

export function emptyText({ period, timezone }: Pick<Spending, 'period' | 'timezone'>, path: string | null): string {
  const days = `${dateRange(period.sinceMs, period.untilMs, timezone)} (${timezone})`;
  return [
    `No calls recorded: ${days}${path === null ? '' : `, ledger: ${tildePath(path)}`}.`,
    'Look further back: llm budget report --days 90     What there is: llm ledger stats',
  ].join('\n');
}
