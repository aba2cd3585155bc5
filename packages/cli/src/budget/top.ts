import type { ReportGrouping } from '@vibe/core';
import { isFileBooks, withBooks } from '../books.js';
import { exitCodes } from '../exit-codes.js';
import type { Sheet } from '../output/csv.js';
import { envelope } from '../output/envelope.js';
import { exactUsd } from '../output/money.js';
import { print } from '../output/print.js';
import type { Session } from '../session.js';
import { breakersOf } from './breakers.js';
import { type PeriodFlags, periodOf } from './period.js';
import { breakerOf, type Metric, type Ranking, rank, shareOf } from './ranking.js';
import { warningsOf } from './report-data.js';
import { defaultDays, emptyText, isEmpty } from './spending.js';
import { topText } from './top-text.js';

export interface TopFlags extends PeriodFlags {
  readonly by?: ReportGrouping;
  readonly metric?: Metric;
  readonly limit?: number;
  readonly csv?: boolean;
}

const defaultLimit = 10;

/** `llm budget top`: the dearest, busiest, slowest, or the one that fails most. */
export async function top(session: Session, flags: TopFlags): Promise<number> {
  return withBooks(session, async (books) => {
    const { timezone } = books;
    const nowMs = session.world.now();
    const { by = 'model', metric = 'cost', limit = defaultLimit } = flags;
    const period = periodOf(flags, timezone, nowMs, defaultDays);
    const report = await books.report({ ...period, by, timezone });
    const breakers = isFileBooks(books) ? breakersOf(books.file.health(), by, nowMs) : null;
    const ranking = rank(report, { by, metric, limit, period, nowMs, breakers });
    await print(
      session,
      {
        json: () => topJson(ranking),
        sheet: () => topSheet(ranking),
        text: () => topText(session, ranking),
        empty: isEmpty(report) ? () => emptyText(ranking, isFileBooks(books) ? books.path : null) : null,
      },
      flags.csv === true,
    );
    return exitCodes.ok;
  });
}

function topJson(ranking: Ranking): string {
  const { by, metric, period, timezone, nowMs, rows, totals, more } = ranking;
  return envelope('vibe.top/1', {
    nowMs,
    timezone,
    query: {
      by,
      metric,
      since: new Date(period.sinceMs).toISOString(),
      until: new Date(period.untilMs).toISOString(),
    },
    rows: rows.map((row, index) => ({
      rank: index + 1,
      ...row,
      share: shareOf(ranking, row),
      breaker: breakerOf(ranking, row),
    })),
    totals,
    more,
    warnings: warningsOf(totals),
  });
}

function topSheet(ranking: Ranking): Sheet {
  const { by, rows } = ranking;
  return {
    header: [
      'rank',
      by,
      'cost_usd',
      'share',
      'calls',
      'attempts',
      'ok',
      'failed',
      'cancelled',
      'blocked',
      'p50_ms',
      'p95_ms',
      'breaker',
    ],
    rows: rows.map((row, index) => [
      index + 1,
      row.key,
      exactUsd(row.costNanoUsd),
      shareOf(ranking, row),
      row.calls,
      row.attempts,
      row.ok,
      row.failed,
      row.cancelled,
      row.blocked,
      row.totalP50Ms,
      row.totalP95Ms,
      breakerOf(ranking, row),
    ]),
  };
}
