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

/**
 * Reads `{error: {message, type, code}, request_id?}`, `{error: "text"}`, the flat `{code, message, request_id}`, and what
 * gateways and other services make of it: `{errors: [{…}]}`, `{detail}`, `{msg}`, `{base_resp: {status_code, status_msg}}`.
 */
export function chatErrorFields({ json, text }: Pick<ServiceFailure, 'json' | 'text'>): ChatErrorFields {
  const body = objectOf(json);
  const error = errorObject(body);
  const type = wordOf(error['type']);
  const code = wordOf(error['code'] ?? error['status_code'] ?? body['code']);
  const words = [error['message'], error['msg'], error['status_msg'], error['detail']].map(wordOf);
  return {
    reason: code === '' || /^\d+$/.test(code) ? type : code,
    type,
    text: moreText(error) ?? words.find((each) => each !== '') ?? text,
    requestId: textOf(body['request_id']) ?? textOf(error['request_id']) ?? textOf(body['id']),
  };
}

function errorObject(body: WireObject): WireObject {
  const [first] = Array.isArray(body['errors']) ? body['errors'] : [];
  const error = body['error'] ?? first ?? body['base_resp'] ?? body;
  return typeof error === 'string' ? { message: error } : objectOf(error);
}

/** Codes that mean the same everywhere. They win over the status. */
const byReason: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /context_length|context_window|context_size|max_tokens_exceeded|prompt_tokens_exceeded|string_above_max/,
    'context_length',
  ],
  [/content_filter|content_policy|safety|moderation|ResponsibleAIPolicy/, 'content_filtered'],
  [/insufficient_quota|billing|credit|payment|balance/, 'provider_quota'],
  [/unsupported_country|region/, 'region_blocked'],
  [/model_not_found|model_not_available|model_not_exist|model_decommissioned/, 'model_not_found'],
  [/invalid_api_key|authentication|unauthorized/, 'auth'],
  [/rate_limit/, 'provider_rate_limited'],
];

interface Wording {
  readonly text: RegExp;
  /** Of which statuses, besides errors inside a stream that name none. */
  readonly statuses: readonly number[];
  readonly code: ErrorCode;
}

/**
 * What services say whose codes say nothing, such as those that have numbers for codes. The first that fits decides.
 * Sources: error pages and issues of OpenAI, Groq, Mistral, xAI, DeepSeek, Zhipu, Moonshot, OpenRouter, llama.cpp, vLLM.
 */
const byWords: readonly Wording[] = [
  {
    text: /context[ _](length|window|size)|too many (input )?tokens|(prompt|input|request) (is )?too (long|large)|maximum prompt length|exceed\w* (the )?model(['’]s)? token limit|token count [^.]{0,40}exceeds|reduce the length of the (messages|prompt)|too large for model/i,
    statuses: [400, 413, 422],
    code: 'context_length',
  },
  {
    text: /insufficient (account )?(balance|credits?|funds|quota)|out of credits|requires? more credits|no (remaining )?credits|余额不足|欠费|账户.{0,4}欠/i,
    statuses: [400, 402, 403, 429],
    code: 'provider_quota',
  },
  // waiting for a minute does not mend a limit per day
  {
    text: /\b(tokens|requests) per day\b|\((TPD|RPD)\)|daily (limit|quota)|per-day/i,
    statuses: [429],
    code: 'provider_quota',
  },
  {
    text: /content management policy|flagged (as|for|by)|requires moderation|violat\w+ [^.]{0,30}(usage|content) polic|敏感/i,
    statuses: [400, 403, 422],
    code: 'content_filtered',
  },
  { text: /(incorrect|invalid) api[ _-]?key|login fail/i, statuses: [400], code: 'auth' }, // xAI, MiniMax
  { text: /rate limit|too many requests/i, statuses: [], code: 'provider_rate_limited' },
  {
    text: /\bmodel\b.{0,120}(not found|does not exist|doesn['’]t exist|is not a valid model|has been decommissioned|not supported by)|not a valid model id|unknown model|模型不存在/i,
    statuses: [400, 403, 404, 422],
    code: 'model_not_found',
  },
];

/** How a service of no special habits fails: by its code, then by its words, then by the status. */
export function classifyChatFailure(failure: ServiceFailure): Classification {
  const { reason, text, requestId, type } = chatErrorFields(failure);
  const code = codeOf(failure.status, reason, type, text);
  return {
    code,
    reason: reason === '' ? undefined : reason,
    text,
    requestId,
    next: nextSteps[code],
    ...(code === 'provider_rate_limited' && { retryAfterMs: waitInWords(text) }),
  };
}

function codeOf(status: number | null, reason: string, type: string, text: string): ErrorCode {
  const named = byReason.find(([pattern]) => pattern.test(reason) || pattern.test(type))?.[1];
  const worded = byWords.find((each) => fits(each, status) && each.text.test(text))?.code;
  // a limit that words explain (per day, larger than ever allowed) is not the one of the minute
  if (named !== undefined && named !== 'provider_rate_limited') return named;
  if (worded !== undefined) return worded;
  if (status === 413) return 'invalid_request'; // Groq calls a request above the limit of a minute a rate limit
  if (named !== undefined) return named;
  // an error inside a stream names its status seldom
  if (status === null && /invalid_request|bad_?request|invalid_parameter|unprocessable/i.test(`${reason} ${type}`))
    return 'provider_rejected';
  return codeOfStatus(status);
}

function fits({ statuses }: Wording, status: number | null): boolean {
  return status === null || statuses.includes(status);
}

/** Facts: OpenAI and Groq say `Please try again in 6.2s`, `450ms` or `7m12.5s`; Azure `Please retry after 26 seconds`. */
function waitInWords(text: string): number | undefined {
  const said = /(?:try again|retry) (?:in|after) ((?:[\d.]+ ?(?:ms|h|m|s)[a-z]* ?)+)/i.exec(text)?.[1] ?? '';
  const waits = [...said.matchAll(/([\d.]+) ?(ms|h|m|s)/gi)].map(([, amount, unit = 's']) => {
    return Number(amount) * (msPer.get(unit.toLowerCase()) ?? 0);
  });
  const waitMs = Math.ceil(waits.reduce((sum, each) => sum + each, 0));
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : undefined;
}

const msPer: ReadonlyMap<string, number> = new Map([
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);

const nextSteps: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  auth: ['Check the API key, and that it belongs to this service.'],
  provider_quota: ["Check plan and billing in the provider's console."],
  model_not_found: [
    'Check the spelling of the model id, that this key may use it, and that baseUrl is the one of the API.',
  ],
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
