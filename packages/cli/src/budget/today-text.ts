import type { BudgetState, ReportRow } from '@vibe/core';
import { bar, sparkline } from '../output/bars.js';
import { usageText } from '../output/dimensions.js';
import { usd } from '../output/money.js';
import { count, finePercent, percent } from '../output/numbers.js';
import { printable } from '../output/printable.js';
import { type Column, fits, table } from '../output/table.js';
import { pad, wrap } from '../output/text-width.js';
import { clock, date, duration } from '../output/time.js';
import type { Colors, Session } from '../session.js';
import { type GaugeLevel, gaugeName, levelOf, stateText, usedShare } from './gauge.js';
import { hourlyCosts, paceNanoUsd } from './hours.js';
import type { Today } from './today.js';

/** The bar shrinks before it is left out. */
const wideBarCells = 18;
const narrowBarCells = 9;
const labelWidth = 9;

/** The report of the day for people: gauges, calls, usage, quality, hours. */
export function todayText(session: Session, now: Today): string {
  const { nowMs, endMs, timezone, budgets, hours } = now;
  const spent = budgets.length === 0 ? ` · spent ${usd(hours.totals.costNanoUsd)}` : '';
  const title = `Budget today · ${date(nowMs, timezone)} · ${timezone} · resets in ${duration(endMs - nowMs)}${spent}`;
  const sections = [
    wrap(title, session.out.columns).map(session.out.colors.bold),
    budgets.length === 0 ? [] : gauges(session, budgets),
    activity(session, now),
    ['Next: llm budget top --by model · llm budget report --days 7'],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function gauges(session: Session, budgets: readonly BudgetState[]): readonly string[] {
  const { out, bars } = session;
  const wide = gaugeColumns(session, budgets, wideBarCells);
  const columns = fits(wide, out.columns) ? wide : gaugeColumns(session, budgets, narrowBarCells);
  return table(columns, out.columns, bars.rule);
}

function gaugeColumns({ out, bars }: Session, budgets: readonly BudgetState[], barCells: number): readonly Column[] {
  const perWindow = (text: (budget: BudgetState) => string) =>
    budgets.map((budget) => (budget.window === 'call' ? '–' : text(budget)));
  const paint = (cell: string, row: number) => paintLevel(out.colors, budgets[row], cell);
  return [
    { title: 'SCOPE', cells: budgets.map((budget) => printable(gaugeName(budget))) },
    {
      title: barCells === wideBarCells ? `USED ${bars.full}  HELD ${bars.held}` : 'USED/HELD',
      dropOrder: 2,
      cells: perWindow(({ spentNanoUsd, heldNanoUsd, limitNanoUsd }) =>
        bar(spentNanoUsd, heldNanoUsd, limitNanoUsd, barCells, bars),
      ),
      paint,
    },
    { title: 'SPENT', align: 'right', cells: perWindow(({ spentNanoUsd }) => usd(spentNanoUsd)) },
    {
      title: 'HELD',
      align: 'right',
      dropOrder: 1,
      cells: perWindow(({ heldNanoUsd }) => (heldNanoUsd === 0 ? '–' : usd(heldNanoUsd))),
    },
    { title: 'LIMIT', align: 'right', cells: budgets.map(({ limitNanoUsd }) => usd(limitNanoUsd)) },
    { title: 'USED', align: 'right', cells: perWindow((budget) => percent(usedShare(budget))) },
    { title: 'STATE', cells: perWindow(stateText), paint },
  ];
}

function paintLevel(colors: Colors, budget: BudgetState | undefined, cell: string): string {
  const paints: Readonly<Record<GaugeLevel, (text: string) => string>> = {
    ok: colors.green,
    warn: colors.yellow,
    high: colors.red,
    blocked: colors.red,
    over: colors.red,
  };
  return budget === undefined ? cell : paints[levelOf(budget)](cell);
}

function activity({ bars, out }: Session, now: Today): readonly string[] {
  const { totals } = now.hours;
  const costs = hourlyCosts(now);
  const hours = `${clock(now.startMs, now.timezone)} → ${clock(now.endMs, now.timezone)}`;
  const lines: readonly (readonly [label: string, text: string])[] = [
    ['Calls', callsText(totals)],
    ['Usage', usageText(totals.quantities)],
    ['Quality', qualityText(totals)],
    ['Hourly', costs.some((cost) => (cost ?? 0) > 0) ? `${sparkline(costs, bars)}   ${hours}` : ''],
    ['Pace', paceText(now)],
  ];
  return lines
    .filter(([, text]) => text !== '')
    .flatMap(([label, text]) =>
      wrap(text, out.columns - labelWidth).map((line, index) => pad(index === 0 ? label : '', labelWidth) + line),
    );
}

function paceText(now: Today): string {
  const pace = paceNanoUsd(now);
  const limit = now.budgets.find(({ window, scope }) => window === 'day' && scope === 'all');
  if (pace === null || limit === undefined) return '';
  return `~${usd(pace)} by ${clock(now.endMs, now.timezone)} (like the last 3 h; limit ${usd(limit.limitNanoUsd)})`;
}

/** Attempts are what succeeds and fails; a call may have several. */
function callsText({ calls, attempts, ok, failed, cancelled, blocked, expired }: ReportRow): string {
  const retried = attempts > calls ? ` (${count(attempts)} attempts)` : '';
  const parts = [
    `ok ${count(ok)}`,
    ...(failed > 0 ? [`failed ${count(failed)} (${finePercent(failed / Math.max(1, ok + failed))})`] : []),
    ...(cancelled > 0 ? [`cancelled ${count(cancelled)}`] : []),
    ...(blocked > 0 ? [`blocked ${count(blocked)}`] : []),
    ...(expired > 0 ? [`expired ${count(expired)}`] : []),
  ];
  return `${count(calls)}${retried}   ${parts.join(' · ')}`;
}

/** What the sums cannot tell, and why. */
function qualityText({ usageUnknown, unpriced }: ReportRow): string {
  return [
    ...(usageUnknown > 0 ? [`${count(usageUnknown)} with usage unknown (their cost is estimated)`] : []),
    ...(unpriced > 0 ? [`${count(unpriced)} unpriced (their cost is in no sum)`] : []),
  ].join(' · ');
}
