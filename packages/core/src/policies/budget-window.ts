import { VibeError } from '../errors/vibe-error.js';
import type { BudgetWindow } from '../spec/budget.js';

/** A stretch of time in which a budget's money is counted together. */
export interface WindowSpan {
  /** Epoch ms; 0 for windows that never reset. */
  readonly startMs: number;
  /** Exclusive; null for windows that never reset. */
  readonly endMs: number | null;
}

const never: WindowSpan = { startMs: 0, endMs: null };
const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Spans are asked for on every call and change rarely. Bounded: windows × time zones in use. */
const maxCachedSpans = 256;
const cachedSpans = new Map<string, WindowSpan>();

/**
 * The window of that kind around `nowMs`, in calendar days of `timezone` (IANA). Weeks start on Monday (ISO 8601).
 * Days at a change of daylight saving time have 23 or 25 hours.
 */
export function windowSpan(window: BudgetWindow, timezone: string, nowMs: number): WindowSpan {
  if (window === 'call' || window === 'run' || window === 'total') return never;
  const key = `${window} ${timezone}`;
  const cached = cachedSpans.get(key);
  if (cached !== undefined && nowMs >= cached.startMs && nowMs < (cached.endMs ?? Infinity)) return cached;
  const span = calendarSpan(window, timezone, nowMs);
  if (cachedSpans.size >= maxCachedSpans) cachedSpans.clear();
  cachedSpans.set(key, span);
  return span;
}

function calendarSpan(window: 'hour' | 'day' | 'week' | 'month', timezone: string, nowMs: number): WindowSpan {
  const local = localTime(timezone, nowMs);
  if (window === 'hour') {
    const startMs = nowMs - (local.minute * 60 + local.second) * 1000 - (((nowMs % 1000) + 1000) % 1000);
    return { startMs, endMs: startMs + hourMs };
  }
  const { year, month, day } = local;
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const [firstDay, days] = window === 'day' ? [day, 1] : window === 'week' ? [day - weekday, 7] : [1, 0];
  const endMonth = window === 'month' ? month : month - 1;
  return {
    startMs: startOfDay(timezone, Date.UTC(year, month - 1, firstDay)),
    endMs: startOfDay(timezone, Date.UTC(year, endMonth, window === 'month' ? 1 : firstDay + days)),
  };
}

/** The first instant of a calendar day (given as its UTC midnight), also where midnight does not exist. */
function startOfDay(timezone: string, utcMidnightMs: number): number {
  let before = utcMidnightMs - dayMs;
  let from = utcMidnightMs + dayMs;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    const { year, month, day } = localTime(timezone, middle);
    if (Date.UTC(year, month - 1, day) >= utcMidnightMs) from = middle;
    else before = middle;
  }
  return from;
}

interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(timezone: string, atMs: number): LocalTime {
  const fields: Record<string, number> = {};
  for (const part of formatOf(timezone).formatToParts(atMs)) fields[part.type] = Number(part.value);
  const { year = 0, month = 1, day = 1, minute = 0, second = 0 } = fields;
  return { year, month, day, minute, second };
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formats.size >= maxCachedSpans) formats.clear();
    formats.set(timezone, format);
    return format;
  } catch (cause) {
    throw new VibeError('config', `"${timezone}" is no IANA time zone. Write one like "Asia/Shanghai" or "UTC".`, {
      cause,
    });
  }
}

/** The time zone of this process: what a ledger uses when none is configured. */
export function systemTimezone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
