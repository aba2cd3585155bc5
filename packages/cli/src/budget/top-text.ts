import type { ReportRow } from '@vibe/core';
import { bar } from '../output/bars.js';
import { usageText } from '../output/dimensions.js';
import { usd } from '../output/money.js';
import { count, percent } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { type Column, table } from '../output/table.js';
import { wrap } from '../output/text-width.js';
import { dateRange, shortSeconds } from '../output/time.js';
import type { Session } from '../session.js';
import { breakerOf, type Metric, metricOf, type Ranking, shareOf } from './ranking.js';
import { failText } from './report-text.js';

const barCells = 9;
/** An endpoint that fails more often than this of its attempts deserves a look. */
const hintFrom = 0.05;
const hintMinAttempts = 10;

const metricWords: Readonly<Record<Metric, string>> = {
  cost: 'cost',
  calls: 'calls',
  fail: 'failed attempts',
  latency: 'latency (95th percentile)',
};

/** The ranking for people. */
export function topText(session: Session, ranking: Ranking): string {
  const { out, bars } = session;
  const { by, metric, period, timezone, totals, more } = ranking;
  const range = dateRange(period.sinceMs, period.untilMs, timezone);
  const title = `Top ${nameOf(by)} by ${metricWords[metric]} · ${range} · ${timezone} · total ${totalText(metric, totals)}`;
  const sections = [
    wrap(title, out.columns).map(out.colors.bold),
    table(columnsOf(session, ranking), out.columns, bars.rule),
    [
      ...(more > 0 ? [`  ${more} more: llm budget top --by ${by} --limit ${ranking.rows.length + more}`] : []),
      ...hint(ranking).flatMap((text) => wrap(text, out.columns)),
    ],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

function nameOf(by: string): string {
  if (by.startsWith('tag:')) return `values of the tag ${printable(by.slice('tag:'.length))}`;
  return by === 'status' ? 'outcomes' : `${by}s`;
}

function totalText(metric: Metric, totals: ReportRow): string {
  if (metric === 'cost') return usd(totals.costNanoUsd);
  if (metric === 'latency') return shortSeconds(totals.totalP95Ms);
  return count(metricOf(metric, totals) ?? 0);
}

function columnsOf(session: Session, ranking: Ranking): readonly Column[] {
  const { bars } = session;
  const { by, metric, rows } = ranking;
  const right = { align: 'right' } as const;
  const highest = Math.max(0, ...rows.map((row) => metricOf(metric, row) ?? 0));
  const title = by.startsWith('tag:') ? printable(by.slice('tag:'.length).toUpperCase()) : by.toUpperCase();
  return [
    { title: '#', ...right, cells: rows.map((_, index) => String(index + 1)) },
    { title, shrinkTo: 12, cells: rows.map(({ key }) => printable(key)) },
    {
      title: 'COST',
      ...right,
      cells: rows.map((row) => `${row.unpriced + row.usageUnknown > 0 ? '~' : ''}${usd(row.costNanoUsd)}`),
    },
    ...(metric === 'latency'
      ? []
      : [{ title: 'SHARE', ...right, dropOrder: 3, cells: rows.map((row) => shareText(shareOf(ranking, row))) }]),
    {
      title: '',
      dropOrder: 2,
      cells: rows.map((row) => {
        const value = metricOf(metric, row) ?? 0;
        return value <= 0 ? '' : bar(value, 0, highest, barCells, { ...bars, empty: ' ' }).trimEnd();
      }),
    },
    { title: 'CALLS', ...right, dropOrder: 1, cells: rows.map(({ calls }) => count(calls)) },
    { title: '$/CALL', ...right, dropOrder: 5, cells: rows.map(perCall) },
    { title: 'UNITS', dropOrder: 9, cells: rows.map(({ quantities }) => usageText(quantities)) },
    ...(metric === 'fail' ? [{ title: 'FAILED', ...right, cells: rows.map(({ failed }) => count(failed)) }] : []),
    { title: 'FAIL', ...right, ...(metric !== 'fail' && { dropOrder: 4 }), cells: rows.map(failText) },
    ...breakerColumn(session, ranking),
    { title: 'P50', ...right, dropOrder: 8, cells: rows.map(({ totalP50Ms }) => shortSeconds(totalP50Ms)) },
    {
      title: 'P95',
      ...right,
      ...(metric !== 'latency' && { dropOrder: 6 }),
      cells: rows.map(({ totalP95Ms }) => shortSeconds(totalP95Ms)),
    },
  ];
}

/** Only what is not closed is painted: that is what one looks for. */
function breakerColumn({ out }: Session, ranking: Ranking): readonly Column[] {
  const { breakers, rows } = ranking;
  if (breakers === null) return [];
  const states = rows.map((row) => breakerOf(ranking, row));
  return [
    {
      title: 'BREAKER',
      dropOrder: 4.5,
      cells: states.map((state) => state ?? '–'),
      paint: (cell, row) => {
        const state = states[row];
        if (state === 'half-open') return out.colors.yellow(cell);
        return state === 'open' || state === 'unreachable' ? out.colors.red(cell) : cell;
      },
    },
  ];
}

function shareText(share: number | null): string {
  return share === null ? '–' : percent(share);
}

function perCall({ calls, costNanoUsd }: ReportRow): string {
  return calls === 0 ? '–' : usd(Math.round(costNanoUsd / calls));
}

/** The line that fails most, when that is worth a look. */
function hint({ by, rows }: Ranking): readonly string[] {
  if (by !== 'model' && by !== 'endpoint' && by !== 'provider') return [];
  const rate = ({ ok, failed }: ReportRow) => (ok + failed < hintMinAttempts ? 0 : failed / (ok + failed));
  const worst = [...rows].sort((left, right) => rate(right) - rate(left))[0];
  if (worst === undefined || rate(worst) < hintFrom) return [];
  return [
    `Hint: ${printable(worst.key)} fails ${failText(worst)}. Why: llm budget top --by error · llm logs --status failed`,
  ];
}
