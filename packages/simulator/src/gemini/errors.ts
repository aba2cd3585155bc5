import type { JsonObject } from '../json.js';
import type { ErrorCatalog, ErrorFacts } from '../wire.js';

const QUOTA_HELP_URL = 'https://ai.google.dev/gemini-api/docs/rate-limits';
const QUOTA_TEXT = `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: ${QUOTA_HELP_URL}. To monitor your current usage, head to: https://ai.dev/rate-limit. `;

/** Facts: the delay is in `RetryInfo.retryDelay`, rounded down, and exactly in the text; both may be missing. */
function retryInfo(facts: ErrorFacts): JsonObject[] {
  if (facts.retryAfterMs === null || !facts.hints.has('retry-info')) return [];
  const seconds = facts.retryAfterMs < 1000 ? facts.retryAfterMs / 1000 : Math.floor(facts.retryAfterMs / 1000);
  return [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }];
}

function retryText(facts: ErrorFacts): string {
  if (facts.retryAfterMs === null || !facts.hints.has('text')) return '';
  return `\nPlease retry in ${facts.retryAfterMs < 1000 ? `${facts.retryAfterMs}ms` : `${facts.retryAfterMs / 1000}s`}.`;
}

function body(code: number, status: string, message: string, details: readonly JsonObject[] = []): JsonObject {
  return { error: { code, message, status, ...(details.length > 0 && { details }) } };
}

/** An entry with a fixed text. */
function plain(code: number, status: string, message: string | ((facts: ErrorFacts) => string)) {
  return {
    status: code,
    body: (facts: ErrorFacts) => {
      const own = typeof message === 'string' ? message : message(facts);
      return body(code, status, (facts.message ?? own) + retryText(facts), retryInfo(facts));
    },
  };
}

/** A 429 with QuotaFailure, Help and the hint, as recorded; `limit` 0 never succeeds. */
function quota(metric: string, quotaId: string, limit: number) {
  return {
    status: 429,
    body: (facts: ErrorFacts) => {
      const line = `\n* Quota exceeded for metric: ${metric}, limit: ${limit}, model: ${facts.model}`;
      const help = { description: 'Learn more about Gemini API quotas', url: QUOTA_HELP_URL };
      const violation = {
        quotaMetric: metric,
        quotaId,
        quotaDimensions: { model: facts.model, location: 'global' },
        quotaValue: String(limit),
      };
      return body(429, 'RESOURCE_EXHAUSTED', (facts.message ?? QUOTA_TEXT + line) + retryText(facts), [
        { '@type': 'type.googleapis.com/google.rpc.Help', links: [help] },
        { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] },
        ...retryInfo(facts),
      ]);
    },
  };
}

const invalidKey = 'API key not valid. Please pass a valid API key.';

/** Facts: a bad key is a 400 with ErrorInfo `API_KEY_INVALID`. */
const apiKeyInvalid = {
  status: 400,
  body: (facts: ErrorFacts) =>
    body(400, 'INVALID_ARGUMENT', facts.message ?? invalidKey, [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'API_KEY_INVALID',
        domain: 'googleapis.com',
        metadata: { service: 'generativelanguage.googleapis.com' },
      },
      { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US', message: invalidKey },
    ]),
};

const methodOf: Readonly<Record<string, string>> = {
  'gemini.count': 'countTokens. Call ListModels',
  'gemini.model': 'generateContent. Call ListModels',
};

function modelNotFound(facts: ErrorFacts): string {
  const method = methodOf[facts.endpoint] ?? 'generateContent. Call ModelService.ListModels';
  return `models/${facts.model} is not found for API version v1beta, or is not supported for ${method} to see the list of available models and their supported methods.`;
}

const metrics = 'generativelanguage.googleapis.com/generate_content';

/** Reasons and texts from recordings and from bodies that users pasted. */
export const geminiErrors: ErrorCatalog = {
  entries: {
    api_key_invalid: apiKeyInvalid,
    no_key: plain(
      403,
      'PERMISSION_DENIED',
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    ),
    key_leaked: plain(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked. Please use another API key.'),
    unauthenticated: plain(
      401,
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    ),
    invalid_argument: plain(400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'),
    location: plain(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
    context_length: plain(
      400,
      'INVALID_ARGUMENT',
      'The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).',
    ),
    model_not_found: plain(404, 'NOT_FOUND', modelNotFound),
    path_not_found: plain(404, 'NOT_FOUND', 'Requested entity was not found.'),
    too_large: plain(413, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit.'),
    per_minute: quota(
      `${metrics}_paid_tier_input_token_count`,
      'GenerateContentPaidTierInputTokensPerModelPerMinute',
      1_000_000,
    ),
    per_day: quota(`${metrics}_free_tier_requests`, 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', 250),
    limit_zero: quota(`${metrics}_free_tier_requests`, 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', 0),
    no_details: plain(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
    spend_cap: plain(
      429,
      'RESOURCE_EXHAUSTED',
      'Your billing account has exceeded its monthly spending cap. Please go to AI Studio to manage your spending.',
    ),
    cancelled: plain(499, 'CANCELLED', 'The operation was cancelled.'),
    internal: plain(
      500,
      'INTERNAL',
      'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
    ),
    overloaded: plain(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
    high_demand: plain(
      503,
      'UNAVAILABLE',
      'This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.',
    ),
    deadline: plain(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'),
  },
  byStatus: {
    400: 'invalid_argument',
    401: 'unauthenticated',
    403: 'no_key',
    404: 'model_not_found',
    413: 'too_large',
    429: 'per_minute',
    499: 'cancelled',
    500: 'internal',
    503: 'high_demand',
    504: 'deadline',
  },
  other: (status, facts) => body(status, 'UNKNOWN', facts.message ?? `Unexpected status ${status}.`),
  hints: ['retry-info', 'text'],
};
