import type { ResponseHeaders } from './http-client.js';

const MS_PER_SECOND = 1000;

/**
 * How long a provider asks to wait, in ms, from `retry-after-ms` or `retry-after` (seconds or an HTTP date). Undefined
 * when it does not say or says nothing readable; 0 for a moment that is past.
 */
export function retryAfterMs(headers: ResponseHeaders, nowMs: number = Date.now()): number | undefined {
  const precise = longest(headers['retry-after-ms']);
  if (precise !== undefined) return precise;
  const header = headers['retry-after'];
  const seconds = longest(header);
  if (seconds !== undefined) return Math.ceil(seconds * MS_PER_SECOND);
  // Date.parse reads a date into nearly every number ("-5" is May 2001): an HTTP date has a time of day.
  const date = header !== undefined && /\d\d:\d\d/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Of a header that was sent twice both count, so the longer wait does. Undefined unless all are numbers from 0. */
function longest(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const values = header.split(',').map((value) => (value.trim() === '' ? Number.NaN : Number(value)));
  return values.every((value) => Number.isFinite(value) && value >= 0) ? Math.max(...values) : undefined;
}
