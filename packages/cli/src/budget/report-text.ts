import type { ReportRow } from '@vibe/core';
import { bar, sparkline } from '../output/bars.js';
import { cachedShare, mediaText, quantityText, tokensIn, tokensOut } from '../output/dimensions.js';
import { usd } from '../output/money.js';
import { count, finePercent, percent, short } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { type Column, table } from '../output/table.js';
import { wrap } from '../output/text-width.js';
import { dateRange, shortSeconds } from '../output/time.js';
import type { Session } from '../session.js';
import { isTime } from './grouping.js';
import { periodText } from './period-text.js';
import { dimensionCosts, unitCosts, warningsOf } from './report-data.js';
import { labelsOf } from './report-labels.js';
import type { Spending } from './spending.js';

const barCells = 16;
const maxTrend = 60;

/** A line of the table: one of the report, or (with the breakdown) one of its units. */
interface Line {
  readonly label: string;
  readonly row: ReportRow | null;
  readonly cost: string;
  readonly costNanoUsd: number;
}

/** The report for people. */
export function reportText(session: Session, spending: Spending, compact: boolean): string {
  const { out, bars } = session;
  const lines = linesOf(session, spending);
  const columns = columnsOf(session, spending, lines).filter(({ dropOrder }) => !compact || (dropOrder ?? 0) < 4);
  const title = `Spend · ${dateRange(spending.period.sinceMs, spending.period.untilMs, spending.timezone)} · ${spending.timezone}`;
  const sections = [
    wrap(title, out.columns).map(out.colors.bold),
    table(columns, out.columns, bars.rule, true),
    notes(session, spending).flatMap((note) => wrap(`  ${note}`, out.columns)),
    ['Export: llm budget report --csv > spend.csv   (also --json)'],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

function linesOf(session: Session, spending: Spending): readonly Line[] {
  const { report, breakdown } = spending;
  const labels = labelsOf(spending);
  const branch = session.bars.full === '#' ? '`-' : '└';
  const withUnits = (row: ReportRow, label: string): readonly Line[] => [
    { label: printable(label), row, cost: costText(row), costNanoUsd: row.costNanoUsd },
    ...(breakdown ? unitCosts(row) : []).map(({ unit, quantity, costNanoUsd }) => ({
      label: `${branch} ${printable(unit)}${quantity === null ? '' : ` ${quantityText(unit, quantity)}`}`,
      row: null,
      cost: usd(costNanoUsd),
      costNanoUsd,
    })),
  ];
  const total = { label: 'Total', row: report.totals, cost: costText(report.totals), costNanoUsd: 0 };
  return [...report.rows.flatMap((row, index) => withUnits(row, labels[index] ?? row.key)), total];
}

/** `~`: an estimate is in it. */
function costText({ costNanoUsd, usageUnknown, unpriced }: ReportRow): string {
  return `${usageUnknown + unpriced > 0 ? '~' : ''}${usd(costNanoUsd)}`;
}

function columnsOf({ bars }: Session, { by, report }: Spending, lines: readonly Line[]): readonly Column[] {
  const highest = Math.max(0, ...report.rows.map(({ costNanoUsd }) => costNanoUsd));
  const cells = (text: (row: ReportRow) => string) => lines.map(({ row }) => (row === null ? '' : text(row)));
  const right = { align: 'right' } as const;
  const others = cells(({ quantities }) => mediaText(quantities) || '–');
  const title = by.startsWith('tag:') ? printable(by.slice('tag:'.length).toUpperCase()) : by.toUpperCase();
  return [
    { title, cells: lines.map(({ label }) => label), ...(!isTime(by) && { shrinkTo: 12 }) },
    { title: 'COST', ...right, cells: lines.map(({ cost }) => cost) },
    {
      title: '',
      dropOrder: 3,
      cells: lines.map(({ row, costNanoUsd }) =>
        row === null || costNanoUsd <= 0
          ? ''
          : bar(costNanoUsd, 0, highest, barCells, { ...bars, empty: ' ' }).trimEnd(),
      ),
    },
    { title: 'CALLS', ...right, dropOrder: 1, cells: cells(({ calls }) => count(calls)) },
    { title: 'FAIL', ...right, dropOrder: 2, cells: cells(failText) },
    { title: 'IN', ...right, dropOrder: 6, cells: cells(({ quantities }) => known(tokensIn(quantities), short)) },
    { title: 'OUT', ...right, dropOrder: 7, cells: cells(({ quantities }) => known(tokensOut(quantities), short)) },
    {
      title: 'CACHED',
      ...right,
      dropOrder: 5,
      cells: cells(({ quantities }) => known(cachedShare(quantities), percent)),
    },
    ...(others.every((text) => text === '–' || text === '') ? [] : [{ title: 'OTHER', dropOrder: 9, cells: others }]),
    { title: 'P50', ...right, dropOrder: 8, cells: cells(({ totalP50Ms }) => shortSeconds(totalP50Ms)) },
    { title: 'P95', ...right, dropOrder: 4, cells: cells(({ totalP95Ms }) => shortSeconds(totalP95Ms)) },
  ];
}

/** Of the attempts that ended well or badly; what was cancelled or blocked says nothing. */
export function failText({ ok, failed }: ReportRow): string {
  return ok + failed === 0 ? '–' : finePercent(failed / (ok + failed));
}

export function known(value: number | null, text: (value: number) => string): string {
  return value === null ? '–' : text(value);
}

function notes({ bars }: Session, spending: Spending): readonly string[] {
  const { by, report, breakdown, period, nowMs } = spending;
  const costs = report.rows.map(({ costNanoUsd }) => costNanoUsd);
  const dimensions = breakdown ? [...dimensionCosts(report.totals)].filter(([, cost]) => cost !== 0) : [];
  return [
    ...(isTime(by) && nowMs < period.untilMs ? [`* this ${by} is not over.`] : []),
    ...(dimensions.length > 0 ? [dimensions.map(([name, cost]) => `${name} ${usd(cost)}`).join(' · ')] : []),
    ...warningsOf(report.totals).map((text) => `~ ${text}`),
    ...periodText(spending),
    ...(isTime(by) && costs.length > 1 && costs.length <= maxTrend && costs.some((cost) => cost > 0)
      ? [`Trend  ${sparkline(costs, bars)}`]
      : []),
  ];
}
