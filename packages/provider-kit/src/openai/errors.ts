import type { ErrorCode } from '@vibe/core';
import type { Classification, ServiceFailure } from '../http/service-error.js';
import type { WireObject } from '../wire/read-field.js';

/** The fields of an error body, wherever a service of this kind puts them. */
export interface ChatErrorFields {
  /** Code or type, as text; '' when there is none. */
  readonly reason: string;
  readonly type: string;
  readonly text: string;
  /** Also the id of the answer, where the error has no request id of its own. */
  readonly requestId: string | undefined;
}

/** Reads `{error: {message, type, code}, request_id?}`, `{error: "text"}` and the flat `{code, message, request_id}`. */
export function chatErrorFields({ json, text }: Pick<ServiceFailure, 'json' | 'text'>): ChatErrorFields {
  const body = objectOf(json);
  const error = typeof body['error'] === 'string' ? { message: body['error'] } : objectOf(body['error'] ?? body);
  const type = wordOf(error['type']);
  const code = wordOf(error['code']);
  return {
    reason: code === '' || /^\d+$/.test(code) ? type : code,
    type,
    text: moreText(error) ?? (wordOf(error['message']) || text),
    requestId: textOf(body['request_id']) ?? textOf(error['request_id']) ?? textOf(body['id']),
  };
}

/** Codes that mean the same everywhere. They win over the status. */
const byReason: readonly (readonly [RegExp, ErrorCode])[] = [
  [/context_length|context_window|max_tokens_exceeded|string_above_max_length/, 'context_length'],
  [/content_filter|content_policy|safety|moderation/, 'content_filtered'],
  [/insufficient_quota|billing|credit|payment|balance/, 'provider_quota'],
  [/unsupported_country|region/, 'region_blocked'],
  [/model_not_found|model_not_available/, 'model_not_found'],
  [/invalid_api_key|authentication|unauthorized/, 'auth'],
  [/rate_limit/, 'provider_rate_limited'],
];

const contextText = /(maximum )?context (length|window)|too many (input )?tokens|prompt is too long|input is too long/i;

/** How a service of no special habits fails: by its code, then by its words, then by the status. */
export function classifyChatFailure(failure: ServiceFailure): Classification {
  const { reason, text, requestId, type } = chatErrorFields(failure);
  const named = byReason.find(([pattern]) => pattern.test(reason) || pattern.test(type))?.[1];
  const code =
    named ??
    (isClientError(failure.status) && contextText.test(text) ? 'context_length' : codeOfStatus(failure.status));
  return { code, reason: reason === '' ? undefined : reason, text, requestId, next: nextSteps[code] };
}

const nextSteps: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  auth: ['Check the API key, and that it belongs to this service.'],
  provider_quota: ["Check plan and billing in the provider's console."],
  model_not_found: ['Check the spelling of the model id, and that this key may use it.'],
  context_length: ['Shorten the input, or choose a model with a longer context.'],
};

/** What a status means when nothing else is known. Null is an error inside a stream that names no status. */
export function codeOfStatus(status: number | null): ErrorCode {
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 402:
      return 'provider_quota';
    case 404:
      return 'model_not_found';
    case 408:
    case 409:
    case 425:
      return 'provider_unavailable';
    case 413:
      return 'invalid_request';
    case 429:
      return 'provider_rate_limited';
    case 451:
      return 'region_blocked';
    default:
      return isClientError(status) ? 'provider_rejected' : 'provider_unavailable';
  }
}

/** The status that an error inside a 200 stream names: `status_code`, `status` or a numeric `code`. */
export function statusInError(error: unknown): number | null {
  const fields = objectOf(error);
  const named = [fields['status_code'], fields['status'], fields['code']].map(Number);
  return named.find((status) => Number.isInteger(status) && status >= 400 && status < 600) ?? null;
}

function isClientError(status: number | null): boolean {
  return status !== null && status >= 400 && status < 500;
}

/** Facts: OpenRouter says only "Provider returned error"; the words of the provider behind it are in `metadata.raw`. */
function moreText(error: WireObject): string | undefined {
  const raw = textOf(objectOf(error['metadata'])['raw']);
  return raw === undefined ? undefined : `${wordOf(error['message'])}: ${raw}`;
}

function objectOf(value: unknown): WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as WireObject) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function wordOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
