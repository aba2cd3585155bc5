import type { ResponseHeaders } from './http-client.js';

const MS_PER_SECOND = 1000;

/**
 * How long a provider asks to wait, in ms, from `retry-after-ms` or `retry-after` (seconds or an HTTP date). Undefined
 * when it does not say or says nothing readable.
 */
export function retryAfterMs(headers: ResponseHeaders, nowMs: number = Date.now()): number | undefined {
  const precise = positive(headers['retry-after-ms']);
  if (precise !== undefined) return precise;
  const header = headers['retry-after'];
  if (header === undefined) return undefined;
  const seconds = positive(header);
  if (seconds !== undefined) return Math.ceil(seconds * MS_PER_SECOND);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function positive(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const value = Number(header);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
