import type { JsonObject } from '../json.js';
import type { ErrorCatalog, ErrorFacts } from '../wire.js';

function body(message: string, type: string, code: string | null): JsonObject {
  return { error: { message, type, param: null, code } };
}

function entry(status: number, type: string, code: string | null, message: string | ((facts: ErrorFacts) => string)) {
  return {
    status,
    body: (facts: ErrorFacts) =>
      body(facts.message ?? (typeof message === 'string' ? message : message(facts)), type, code),
  };
}

/** Errors of a generic compatible service, in the words most of them copy from OpenAI. */
export const openaiErrors: ErrorCatalog = {
  entries: {
    invalid_request: entry(400, 'invalid_request_error', null, 'The request is invalid.'),
    context_length: entry(
      400,
      'invalid_request_error',
      'context_length_exceeded',
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 250000 tokens. Please reduce the length of the messages.",
    ),
    invalid_api_key: entry(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'),
    permission_denied: entry(403, 'permission_error', null, 'You do not have access to this resource.'),
    model_not_found: entry(
      404,
      'invalid_request_error',
      'model_not_found',
      (facts) => `The model \`${facts.model}\` does not exist or you do not have access to it.`,
    ),
    path_not_found: entry(404, 'invalid_request_error', 'unknown_url', 'Invalid URL.'),
    too_large: entry(413, 'invalid_request_error', null, 'Request body too large.'),
    rate_limit_exceeded: entry(
      429,
      'requests',
      'rate_limit_exceeded',
      (facts) => `Rate limit reached for ${facts.model} on requests per minute (RPM).`,
    ),
    insufficient_quota: entry(
      429,
      'insufficient_quota',
      'insufficient_quota',
      'You exceeded your current quota, please check your plan and billing details.',
    ),
    server_error: entry(500, 'server_error', null, 'The server had an error while processing your request.'),
    overloaded: entry(503, 'server_error', null, 'The engine is currently overloaded, please try again later.'),
  },
  byStatus: {
    400: 'invalid_request',
    401: 'invalid_api_key',
    403: 'permission_denied',
    404: 'model_not_found',
    413: 'too_large',
    429: 'rate_limit_exceeded',
    500: 'server_error',
    503: 'overloaded',
  },
  other: (status, facts) => body(facts.message ?? `Unexpected status ${status}.`, 'server_error', null),
  hints: ['retry-after'],
};
