import { usd } from '../output/money.js';
import { isTime } from './grouping.js';
import { daysIn } from './period.js';
import { labelsOf } from './report-labels.js';
import type { Spending } from './spending.js';

/** How the days compare with those before them, and when most was spent. */
export function periodText(spending: Spending): readonly string[] {
  const { by, report, before, period, timezone } = spending;
  const lines: string[] = [];
  if (before !== null && before.totals.calls > 0) {
    const days = daysIn(period, timezone);
    const cost = change(report.totals.costNanoUsd, before.totals.costNanoUsd);
    const calls = change(report.totals.calls, before.totals.calls);
    lines.push(`vs the ${days === 1 ? 'day' : `${days} days`} before: ${cost} cost, ${calls} calls.`);
  }
  const highest = Math.max(0, ...report.rows.map(({ costNanoUsd }) => costNanoUsd));
  const index = report.rows.findIndex(({ costNanoUsd }) => costNanoUsd === highest);
  if (isTime(by) && highest > 0 && report.rows.length > 1)
    lines.push(`Dearest: ${(labelsOf(spending)[index] ?? '').replace(/\*$/, '')} (${usd(highest)}).`);
  return lines;
}

/** `+18%`, `-3%`, `±0%`; from nothing there is no share. */
function change(now: number, before: number): string {
  if (before === 0) return now === 0 ? '±0%' : 'new';
  const share = Math.round(((now - before) / before) * 100);
  return share === 0 ? '±0%' : `${share > 0 ? '+' : '-'}${Math.abs(share)}%`;
}
