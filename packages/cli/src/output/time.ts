const secondMs = 1_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** `0.31 s`. */
export function seconds(ms: number): string {
  return `${(ms / secondMs).toFixed(ms < 100 * secondMs ? 2 : 0)} s`;
}

/** `0.8s`, for a column; null is unknown. */
export function shortSeconds(ms: number | null): string {
  return ms === null ? '–' : `${(ms / secondMs).toFixed(ms < 99.95 * secondMs ? 1 : 0)}s`;
}

/** `45 s`, `12 m`, `5 h 07 m`, `3 d 04 h`; rounded down, never negative. */
export function duration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < minuteMs) return `${Math.floor(left / secondMs)} s`;
  const minutes = Math.floor(left / minuteMs);
  if (left < hourMs) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

/** Length of a recording: `45 s`, `6 m 12 s`. */
export function playTime(lengthSeconds: number): string {
  const whole = Math.round(lengthSeconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `Sun 22 Nov 2026` in a time zone. */
export function date(atMs: number, timezone: string): string {
  const { weekday, day, month, year } = fields(atMs, timezone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  return `${weekday} ${day} ${month} ${year}`;
}

/** `16–22 Nov 2026`, `28 Oct – 3 Nov 2026`, or one day; `untilMs` is exclusive. */
export function dateRange(sinceMs: number, untilMs: number, timezone: string): string {
  const format = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const first = fields(sinceMs, timezone, format);
  const last = fields(untilMs - 1, timezone, format);
  const end = `${last.day} ${last.month} ${last.year}`;
  if (first.year !== last.year) return `${first.day} ${first.month} ${first.year} – ${end}`;
  if (first.month !== last.month) return `${first.day} ${first.month} – ${end}`;
  return first.day === last.day ? end : `${first.day}–${end}`;
}

/** `Sun 22`, and with `withMonth` `Sun 22 Nov`. */
export function dayLabel(atMs: number, timezone: string, withMonth: boolean): string {
  const { weekday, day, month } = fields(atMs, timezone, { weekday: 'short', day: 'numeric', month: 'short' });
  return `${weekday} ${day}${withMonth ? ` ${month}` : ''}`;
}

/** `Nov 2026`. */
export function monthLabel(atMs: number, timezone: string): string {
  const { month, year } = fields(atMs, timezone, { month: 'short', year: 'numeric' });
  return `${month} ${year}`;
}

/** `22 Nov 18:53:07`. */
export function moment(atMs: number, timezone: string): string {
  const { day, month, hour, minute, second } = fields(atMs, timezone, {
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  return `${day} ${month} ${hour}:${minute}:${second}`;
}

/** `GMT+8`: tells two hours of the same name apart when the clocks go back. */
export function offset(atMs: number, timezone: string): string {
  return fields(atMs, timezone, { timeZoneName: 'shortOffset' }).timeZoneName ?? '';
}

/** `00:00` in a time zone. */
export function clock(atMs: number, timezone: string): string {
  const { hour, minute } = fields(atMs, timezone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return `${hour}:${minute}`;
}

function fields(
  atMs: number,
  timezone: string,
  format: Intl.DateTimeFormatOptions,
): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const parts = new Intl.DateTimeFormat('en-GB', { ...format, timeZone: timezone }).formatToParts(atMs);
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}
