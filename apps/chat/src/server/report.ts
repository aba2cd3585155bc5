import { type Vibe, VibeError, windowSpan } from '@vibe/core';
import { z } from 'zod';
import { type ReportBucket, reportRanges, reportSplits, type SpendReport } from '../wire.js';

const dayMs = 86_400_000;
/** Bars of one report: every one of them is a question to the ledger. */
const maxBuckets = 62;
const maxDays = 366;

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const query = z.object({
  range: z.enum(reportRanges).optional(),
  from: day.optional(),
  to: day.optional(),
  split: z.enum(reportSplits).default('model'),
});
export type ReportQueryInput = z.infer<typeof query>;

/** The filters of the page, as they stand in its address. Throws `invalid_request`. */
export function readReportQuery(parameters: Record<string, string>): ReportQueryInput {
  const parsed = query.safeParse(parameters);
  if (parsed.success) return parsed.data;
  throw new VibeError('invalid_request', `The report cannot be made: ${z.prettifyError(parsed.error)}.`);
}

/** Spend over time, and where it went. Days are days in the ledger's time zone. */
export async function spendReport(vibe: Vibe, input: ReportQueryInput, nowMs: number): Promise<SpendReport> {
  const { timezone } = await vibe.report({ sinceMs: nowMs, untilMs: nowMs });
  const { sinceMs, untilMs } = periodOf(input, timezone, nowMs);
  const bucket = bucketOf(untilMs - sinceMs);
  const { split } = input;
  const buckets: ReportBucket[] = [];
  for (let startMs = sinceMs; startMs < untilMs && buckets.length < maxBuckets; ) {
    const endMs = Math.min(untilMs, windowSpan(bucket, timezone, startMs).endMs ?? untilMs);
    // Nothing lies in the future.
    const { rows } =
      startMs > nowMs ? { rows: [] } : await vibe.report({ sinceMs: startMs, untilMs: endMs, by: split });
    buckets.push({ startMs, endMs, rows });
    startMs = endMs;
  }
  const by = async (grouping: 'model' | 'endpoint' | 'unit' | 'status') =>
    await vibe.report({ sinceMs, untilMs, by: grouping });
  const [models, endpoints, units, statuses] = await Promise.all([
    by('model'),
    by('endpoint'),
    by('unit'),
    by('status'),
  ]);
  return {
    sinceMs,
    untilMs,
    timezone,
    bucket,
    split,
    buckets,
    totals: models.totals,
    models: models.rows,
    endpoints: endpoints.rows,
    units: units.rows,
    statuses: statuses.rows,
    budgets: await vibe.budgets(),
  };
}

/** Whole days: the last one ends with today, or with the day that was asked for. */
function periodOf({ range, from, to }: ReportQueryInput, timezone: string, nowMs: number) {
  const today = windowSpan('day', timezone, nowMs);
  const untilMs = to === undefined ? (today.endMs ?? nowMs) : (dayOf(to, timezone).endMs ?? nowMs);
  if (from !== undefined) {
    const sinceMs = dayOf(from, timezone).startMs;
    if (sinceMs >= untilMs || untilMs - sinceMs > maxDays * dayMs) {
      throw new VibeError(
        'invalid_request',
        `The report cannot be made: it ends before it begins, or has over ${maxDays} days.`,
      );
    }
    return { sinceMs, untilMs };
  }
  const days = { today: 1, '7d': 7, '30d': 30, '90d': 90 }[range ?? 'today'];
  // Noon is in the right day, whatever the clocks have done meanwhile.
  const sinceMs = windowSpan('day', timezone, untilMs - (days - 0.5) * dayMs).startMs;
  return { sinceMs, untilMs };
}

/** The day of a date: noon in UTC may lie in a neighbouring day elsewhere, so its neighbours are looked at too. */
function dayOf(date: string, timezone: string) {
  const noonMs = Date.parse(`${date}T12:00:00Z`);
  const spans = [-1, 0, 1].map((days) => windowSpan('day', timezone, noonMs + days * dayMs));
  const span = spans.find(({ startMs }) => dateIn(timezone, startMs) === date);
  if (span === undefined) throw new VibeError('invalid_request', `There is no day ${date}.`);
  return span;
}

/** `2026-11-22`: the date in a time zone. */
export function dateIn(timezone: string, atMs: number): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

function bucketOf(lengthMs: number): SpendReport['bucket'] {
  if (lengthMs <= 2 * dayMs + 3_600_000) return 'hour';
  return lengthMs <= 45 * dayMs ? 'day' : 'week';
}
