import { type ErrorCode, redactSecrets, VibeError } from '@vibe/core';
import type { ErrorBody } from './error-body.js';
import type { ResponseHeaders } from './http-client.js';
import { retryAfterMs } from './retry-after.js';

/** What a provider answered instead of a result. */
export interface ServiceFailure extends ErrorBody {
  /** HTTP status, or the status that an error inside a 200 stream names; null when neither is known. */
  readonly status: number | null;
  readonly headers: ResponseHeaders;
}

/** How a provider reads its own failure. Everything but the code is optional. */
export interface Classification {
  readonly code: ErrorCode;
  /** The provider's own name of the error, such as `insufficient_quota`. */
  readonly reason?: string | undefined;
  /** The provider's own words. */
  readonly text?: string | undefined;
  readonly next?: readonly string[] | undefined;
  /** Wait from the body; the longer one of this and the `retry-after` header counts. */
  readonly retryAfterMs?: number | undefined;
  /** Default: no for an answer that is a 4xx other than 429, otherwise what the failure table says about the code. */
  readonly retryable?: boolean | undefined;
  /** Default: the header `x-request-id`. */
  readonly requestId?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** Who is asked, and how its failures read. Made for each request, because the key is. */
export interface Service {
  /** For messages: provider and endpoint, such as `qwen@cn`. */
  readonly name: string;
  /** Values that must not appear in any message. */
  readonly secrets: readonly string[];
  classify(failure: ServiceFailure): Classification;
}

const MAX_PROVIDER_TEXT = 500;

/** What each code says when a provider is the speaker. */
const sentences: Readonly<Partial<Record<ErrorCode, string>>> = {
  auth: 'refused the API key',
  provider_rate_limited: 'asks to slow down',
  provider_quota: 'refuses because a quota or an account is exhausted, which waiting does not mend',
  provider_unavailable: 'is overloaded or failed',
  provider_rejected: 'rejected the request',
  invalid_request: 'cannot accept the request',
  model_not_found: 'does not have the model, or this key may not use it',
  context_length: 'says that the input is too long for the model',
  content_filtered: 'refused the content',
  region_blocked: 'does not serve this location',
};

/**
 * The VibeError for a failure: what happened, the provider's own words, and what to do next. `produced` says that part of
 * an answer had already arrived, so that it may be billed.
 */
export function serviceError(service: Service, failure: ServiceFailure, produced = false): VibeError {
  const found = service.classify(failure);
  // A service that repeats a key may do so in any of its fields.
  const clean = (said: string | undefined) => (said === undefined ? said : redactSecrets(said, service.secrets));
  const reason = clean(found.reason);
  const text = briefText(found.text ?? failure.text, service.secrets);
  const next = found.next ?? [];
  const retryable = found.retryable ?? (!produced && isRefusal(failure.status) ? false : undefined);
  const what = `${service.name} ${sentences[found.code] ?? 'failed'}${label(failure.status, reason)}`;
  const message = [text === '' ? `${what}.` : `${what}: ${text}`, ...next].join(' ');
  return new VibeError(found.code, message, {
    status: failure.status ?? undefined,
    requestId: clean(found.requestId ?? failure.headers['x-request-id']),
    retryAfterMs: longest(found.retryAfterMs, retryAfterMs(failure.headers)),
    next,
    details: { providerCode: reason ?? null, ...found.details },
    ...(retryable !== undefined && { retryable }),
    ...(produced && { mayBeBilled: true }),
  });
}

/** The service has looked at the request and wants it no more: another candidate may be asked, the same one not again. */
function isRefusal(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500 && status !== 429;
}

/** Status and the provider's own name of the error in brackets, as far as they are known. */
function label(status: number | null, reason: string | undefined): string {
  const words = [status === null ? '' : `HTTP ${status}`, reason ?? ''].filter((word) => word !== '');
  return words.length === 0 ? '' : ` (${words.join(' ')})`;
}

/** The provider's words on one line, bounded, without secrets; of a page in HTML its title. Ends with a full stop. */
export function briefText(text: string, secrets: readonly string[]): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1];
  const words = title ?? (/^\s*<(!doctype|html)/i.test(text) ? 'an HTML page' : text);
  const clean = redactSecrets(words.replace(/\s+/g, ' ').trim(), secrets);
  if (clean === '') return '';
  if (clean.length > MAX_PROVIDER_TEXT) return `${clean.slice(0, MAX_PROVIDER_TEXT).toWellFormed()}…`;
  return /[.!?。…]$/.test(clean) ? clean : `${clean}.`;
}

function longest(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.max(first, second);
}
