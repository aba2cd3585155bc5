import type { AccuracyRow } from '@vibe/ledger-sqlite/file';
import { withFileBooks } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import { envelope } from '../output/envelope.js';
import { exactUsd, usd } from '../output/money.js';
import { count } from '../output/numbers.js';
import { print } from '../output/print.js';
import { printable } from '../output/printable.js';
import { table } from '../output/table.js';
import { wrap } from '../output/text-width.js';
import { dateRange } from '../output/time.js';
import type { Session } from '../session.js';
import { type Period, type PeriodFlags, periodOf } from './period.js';
import { defaultDays, emptyText } from './spending.js';

/** `llm budget accuracy`: how well costs were foreseen, and whether holds were large enough. */
export async function accuracy(session: Session, flags: PeriodFlags & { readonly csv?: boolean }): Promise<number> {
  return withFileBooks(session, async ({ file, timezone, path }) => {
    const nowMs = session.world.now();
    const period = periodOf(flags, timezone, nowMs, defaultDays);
    const rows = file.accuracy(period);
    await print(
      session,
      {
        json: () => accuracyJson(rows, period, timezone, nowMs),
        sheet: () => ({
          header: [
            'model',
            'provider',
            'endpoint',
            'attempts',
            'estimated_usd',
            'actual_usd',
            'ratio',
            'above',
            'highest_ratio',
            'overruns',
            'overrun_usd',
          ],
          rows: rows.map((row) => [
            row.model,
            row.provider,
            row.endpoint,
            row.attempts,
            exactUsd(row.estimatedNanoUsd),
            exactUsd(row.actualNanoUsd),
            ratioOf(row),
            row.above,
            row.highestRatio,
            row.overruns,
            exactUsd(row.overrunNanoUsd),
          ]),
        }),
        text: () => accuracyText(session, rows, period, timezone),
        empty: rows.length === 0 ? () => emptyText({ period, timezone }, path) : null,
      },
      flags.csv === true,
    );
    return exitCodes.ok;
  });
}

/** Actual cost as a share of the estimate; null when the estimate is 0. */
function ratioOf({ estimatedNanoUsd, actualNanoUsd }: AccuracyRow): number | null {
  return estimatedNanoUsd === 0 ? null : actualNanoUsd / estimatedNanoUsd;
}

function accuracyJson(rows: readonly AccuracyRow[], period: Period, timezone: string, nowMs: number): string {
  return envelope('vibe.accuracy/1', {
    nowMs,
    timezone,
    query: { since: new Date(period.sinceMs).toISOString(), until: new Date(period.untilMs).toISOString() },
    rows: rows.map((row) => ({
      ...row,
      estimatedUsd: row.estimatedNanoUsd / 1e9,
      actualUsd: row.actualNanoUsd / 1e9,
      overrunUsd: row.overrunNanoUsd / 1e9,
      ratio: ratioOf(row),
    })),
    totals: totalsOf(rows),
    warnings: [],
  });
}

function totalsOf(rows: readonly AccuracyRow[]) {
  const sum = (value: (row: AccuracyRow) => number) => rows.reduce((total, row) => total + value(row), 0);
  return {
    attempts: sum(({ attempts }) => attempts),
    estimatedNanoUsd: sum(({ estimatedNanoUsd }) => estimatedNanoUsd),
    actualNanoUsd: sum(({ actualNanoUsd }) => actualNanoUsd),
    above: sum(({ above }) => above),
    overruns: sum(({ overruns }) => overruns),
    overrunNanoUsd: sum(({ overrunNanoUsd }) => overrunNanoUsd),
  };
}

/** The comparison for people. */
export function accuracyText(
  { out, bars }: Session,
  rows: readonly AccuracyRow[],
  period: Period,
  timezone: string,
): string {
  const right = { align: 'right' } as const;
  const totals = totalsOf(rows);
  const lines = table(
    [
      { title: 'MODEL', shrinkTo: 12, cells: rows.map(({ model }) => printable(model)) },
      {
        title: 'ENDPOINT',
        dropOrder: 4,
        cells: rows.map(({ provider, endpoint }) => printable(`${provider}/${endpoint}`)),
      },
      { title: 'ATTEMPTS', ...right, dropOrder: 3, cells: rows.map(({ attempts }) => count(attempts)) },
      { title: 'ESTIMATED', ...right, cells: rows.map(({ estimatedNanoUsd }) => usd(estimatedNanoUsd)) },
      { title: 'ACTUAL', ...right, cells: rows.map(({ actualNanoUsd }) => usd(actualNanoUsd)) },
      { title: 'RATIO', ...right, cells: rows.map((row) => ratioText(ratioOf(row))) },
      { title: 'HIGHEST', ...right, dropOrder: 2, cells: rows.map(({ highestRatio }) => ratioText(highestRatio)) },
      {
        title: 'OVERRUNS',
        ...right,
        dropOrder: 1,
        cells: rows.map(({ overruns, overrunNanoUsd }) =>
          overruns === 0 ? '–' : `${overruns} (${usd(overrunNanoUsd)})`,
        ),
      },
    ],
    out.columns,
    bars.rule,
  );
  const title = `Accuracy of estimates · ${dateRange(period.sinceMs, period.untilMs, timezone)} · ${timezone}`;
  const verdict =
    totals.overruns === 0
      ? 'No call cost more than was held for it.'
      : `${totals.overruns === 1 ? '1 call' : `${totals.overruns} calls`} cost ${usd(totals.overrunNanoUsd)} more than was held: llm logs shows which.`;
  return `${[wrap(title, out.columns).map(out.colors.bold), lines, wrap(verdict, out.columns)].map((part) => part.join('\n')).join('\n\n')}\n`;
}

/** `38%` of the estimate; what was dearer than foreseen as a multiple: `1.4×`. */
function ratioText(ratio: number | null): string {
  if (ratio === null) return '–';
  return ratio > 1 ? `${ratio.toFixed(ratio < 10 ? 2 : 0)}×` : `${Math.floor(ratio * 100)}%`;
}
