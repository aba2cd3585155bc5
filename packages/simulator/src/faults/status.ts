import { resolveError } from '../errors.js';
import type { HintForm } from '../wire.js';
import type { FaultEffect, FaultOf } from './fault.js';

/** An error of the provider, with or without a retry hint. */
export const status: FaultEffect<'status'> = (_reply, fault, exchange) => {
  const refusal = exchange.wire.errorReply(exchange, resolveError(exchange, fault));
  if (fault.retryAfterMs === undefined) return refusal;
  const forms = fault.hints ?? exchange.wire.errors.hints;
  return {
    ...refusal,
    headers: { ...refusal.headers, ...hintHeaders(fault.retryAfterMs, forms) },
    retryAfterMs: promisedMs(fault.retryAfterMs, forms),
  };
};

/** Whole seconds and HTTP dates are rounded up: waiting for them is never too short. */
function hintHeaders(retryAfterMs: number, forms: readonly HintForm[]): Record<string, string> {
  const headers: Record<string, string> = {};
  if (forms.includes('retry-after')) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  if (forms.includes('retry-after-date')) {
    headers['retry-after'] = new Date(Math.ceil((Date.now() + retryAfterMs) / 1000) * 1000).toUTCString();
  }
  if (forms.includes('retry-after-ms')) headers['retry-after-ms'] = String(retryAfterMs);
  return headers;
}

/** The wait that a client can know of: RetryInfo alone is rounded down to seconds (facts: 48.94 s became "48s"). */
function promisedMs(retryAfterMs: NonNullable<FaultOf<'status'>['retryAfterMs']>, forms: readonly HintForm[]): number {
  const onlyRetryInfo = forms.every((form) => form === 'retry-info');
  return onlyRetryInfo && retryAfterMs >= 1000 ? Math.floor(retryAfterMs / 1000) * 1000 : retryAfterMs;
}
