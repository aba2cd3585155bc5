import { windowSpan } from '@vibe/core';
import { date } from '../output/time.js';
import { UsageError } from '../usage-error.js';

/** Flags that choose a stretch of time. */
export interface PeriodFlags {
  readonly days?: number;
  readonly since?: string;
  readonly until?: string;
}

/** Whole days mostly; `untilMs` is exclusive. */
export interface Period {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const dayMs = 86_400_000;
/** How many days a report may look back; a hundred years. */
const maxDays = 36_600;

const examples = [
  'llm budget report --days 7',
  'llm budget report --since 2026-11-01 --until 2026-11-15',
  'llm budget report --since mtd',
];

/**
 * The days of a report in `timezone`. `--days 7` are today and the six before it; `--until` is inclusive. Words: `today`,
 * `yesterday`, `7d`, `2w`, `mtd` (since the first of the month), `2026-11-22`, `20261122`, or an instant in ISO 8601.
 */
export function periodOf(flags: PeriodFlags, timezone: string, nowMs: number, defaultDays: number): Period {
  const { days, since, until } = flags;
  if (days !== undefined && since !== undefined) {
    throw new UsageError('--days and --since both say where the report begins. Take one of them.', examples);
  }
  const untilMs = until === undefined ? endOfDay(timezone, nowMs) : momentOf(until, '--until', timezone, nowMs).endMs;
  const sinceMs =
    since === undefined
      ? daysBack(timezone, untilMs - 1, Math.min(days ?? defaultDays, maxDays))
      : momentOf(since, '--since', timezone, nowMs).startMs;
  if (sinceMs >= untilMs) {
    const text = `The report would begin (${date(sinceMs, timezone)}) after it ends (${date(untilMs - 1, timezone)}).`;
    throw new UsageError(text, examples);
  }
  return { sinceMs, untilMs };
}

/** The first moment of the day that a flag names. */
export function startOfDay(text: string, flag: string, timezone: string, nowMs: number): number {
  return momentOf(text, flag, timezone, nowMs).startMs;
}

/** The first moment of the last so many days, today included. */
export function startOfLastDays(days: number, timezone: string, nowMs: number): number {
  return daysBack(timezone, nowMs, Math.min(days, maxDays));
}

/** The stretch of the same number of days before it, for comparison. */
export function periodBefore({ sinceMs, untilMs }: Period, timezone: string): Period {
  return { sinceMs: daysBack(timezone, sinceMs - 1, daysIn({ sinceMs, untilMs }, timezone)), untilMs: sinceMs };
}

/** Calendar days that a period touches. */
export function daysIn({ sinceMs, untilMs }: Period, timezone: string): number {
  const [first, last] = [localDate(sinceMs, timezone), localDate(untilMs - 1, timezone)].map((day) => Date.parse(day));
  return Math.round(((last ?? 0) - (first ?? 0)) / dayMs) + 1;
}

interface Moment {
  readonly startMs: number;
  readonly endMs: number;
}

function momentOf(text: string, flag: string, timezone: string, nowMs: number): Moment {
  const word = text.trim().toLowerCase();
  if (word === 'now') return { startMs: nowMs, endMs: nowMs };
  if (word === 'today') return dayAround(timezone, nowMs);
  if (word === 'yesterday') return dayAround(timezone, dayAround(timezone, nowMs).startMs - 1);
  if (word === 'mtd') return { ...dayAround(timezone, nowMs), startMs: windowSpan('month', timezone, nowMs).startMs };
  const ago = /^(\d{1,4})([dw])$/.exec(word);
  if (ago !== null) {
    const days = Number(ago[1]) * (ago[2] === 'w' ? 7 : 1);
    return dayAround(timezone, daysBack(timezone, nowMs, Math.min(days, maxDays)));
  }
  const day = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(word);
  if (day !== null) return calendarDay(`${day[1]}-${day[2]}-${day[3]}`, text, flag, timezone);
  const instant = /^\d{4}-\d{2}-\d{2}t.*(z|[+-]\d{2}:?\d{2})$/.test(word) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw unreadable(text, flag);
  return { startMs: instant, endMs: instant };
}

function calendarDay(iso: string, text: string, flag: string, timezone: string): Moment {
  const utcMs = Date.parse(iso);
  // `2026-02-31` would roll over.
  if (Number.isNaN(utcMs) || new Date(utcMs).toISOString().slice(0, 10) !== iso) throw unreadable(text, flag);
  return dayOf(utcMs, timezone);
}

/** The calendar day that has its midnight in UTC at `utcMs`, in a zone. */
function dayOf(utcMs: number, timezone: string): Moment {
  const span = dayAround(timezone, utcMs + dayMs / 2);
  // East of UTC+12 it is the next day already.
  const isIt = Date.parse(localDate(span.startMs, timezone)) === utcMs;
  return isIt ? span : dayAround(timezone, span.startMs - 1);
}

/** `2026-11-22`. */
export function localDate(atMs: number, timezone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return format.format(atMs);
}

function unreadable(text: string, flag: string): UsageError {
  return new UsageError(
    `${flag} ${JSON.stringify(text)} is no date. It takes today, yesterday, 7d, 2w, mtd, 2026-11-22, 20261122 or 2026-11-22T08:00Z.`,
    examples,
  );
}

function dayAround(timezone: string, atMs: number): Moment {
  const { startMs, endMs } = windowSpan('day', timezone, atMs);
  return { startMs, endMs: endMs ?? startMs };
}

function endOfDay(timezone: string, atMs: number): number {
  return dayAround(timezone, atMs).endMs;
}

/** The start of the day `days - 1` days before the one around `atMs`. */
function daysBack(timezone: string, atMs: number, days: number): number {
  return dayOf(Date.parse(localDate(atMs, timezone)) - (days - 1) * dayMs, timezone).startMs;
}
