import type { JsonObject } from '../json.js';
import type { ErrorCatalog, ErrorFacts } from '../wire.js';

const ERROR_PAGE = 'https://www.alibabacloud.com/help/en/model-studio/error-code';

interface Shape {
  /** Default: the code. */
  readonly type?: string;
  /** Facts: null almost everywhere, "" or missing in some bodies. */
  readonly param?: string | null;
}

function body(facts: ErrorFacts, code: string, message: string, shape: Shape): JsonObject {
  const { type = code, param = null } = shape;
  return { error: { message: facts.message ?? message, type, param, code }, request_id: facts.requestId };
}

function entry(status: number, code: string, message: string | ((facts: ErrorFacts) => string), shape: Shape = {}) {
  return {
    status,
    body: (facts: ErrorFacts) => body(facts, code, typeof message === 'string' ? message : message(facts), shape),
  };
}

const ofRequest: Shape = { type: 'invalid_request_error' };

/** Facts: a refusal by the content filter has the id of the completion beside the request id. */
const dataInspectionFailed = {
  status: 400,
  body: (facts: ErrorFacts) => ({
    error: {
      message: facts.message ?? 'Input text data may contain inappropriate content.',
      type: 'data_inspection_failed',
      param: null,
      code: 'data_inspection_failed',
    },
    id: `chatcmpl-${facts.requestId}`,
    request_id: facts.requestId,
  }),
};

/** Reasons are DashScope's own codes; texts from recordings and from its error pages. */
export const dashscopeErrors: ErrorCatalog = {
  entries: {
    invalid_parameter_error: entry(
      400,
      'invalid_parameter_error',
      '<400> InternalError.Algo.InvalidParameter: The request parameter is invalid.',
      ofRequest,
    ),
    context_length: entry(
      400,
      'invalid_parameter_error',
      '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]',
      ofRequest,
    ),
    data_inspection_failed: dataInspectionFailed,
    arrearage: entry(
      400,
      'Arrearage',
      `Access denied, please make sure your account is in good standing. For details, see: ${ERROR_PAGE}#overdue-payment`,
    ),
    invalid_api_key: entry(
      401,
      'invalid_api_key',
      `Incorrect API key provided. For details, see: ${ERROR_PAGE}#apikey-error`,
      ofRequest,
    ),
    access_denied: entry(403, 'access_denied', 'Access denied.', ofRequest),
    free_tier_only: entry(
      403,
      'AllocationQuota.FreeTierOnly',
      'The free quota has been exhausted. To continue accessing the model on a paid basis, please complete your payment information.',
    ),
    model_not_found: entry(
      404,
      'model_not_found',
      (facts) => `The model \`${facts.model}\` does not exist or you do not have access to it.`,
      ofRequest,
    ),
    path_not_found: entry(404, 'invalid_url', 'The requested URL was not found.', ofRequest),
    too_large: entry(413, 'request_too_large', 'The request body is too large.', ofRequest),
    limit_requests: entry(
      429,
      'limit_requests',
      `You have exceeded your current request limit. For details, see: ${ERROR_PAGE}#rate-limit`,
    ),
    limit_burst_rate: entry(
      429,
      'limit_burst_rate',
      'Request rate increased too quickly. To ensure system stability, please adjust your client logic to scale requests more smoothly over time.',
      { param: '' },
    ),
    insufficient_quota: entry(
      429,
      'insufficient_quota',
      'You exceeded your current quota, please check your plan and billing details.',
    ),
    free_quota_exceeded: entry(429, 'Throttling.AllocationQuota', 'Free allocated quota exceeded.'),
    prepaid_bill_overdue: entry(429, 'PrepaidBillOverdue', 'The prepaid bill is overdue.'),
    postpaid_bill_overdue: entry(429, 'PostpaidBillOverdue', 'The postpaid bill is overdue.'),
    commodity_not_purchased: entry(429, 'CommodityNotPurchased', 'Commodity has not purchased yet.'),
    internal_error: entry(
      500,
      'internal_error',
      'An internal error has occured, please try again later or contact service support.',
    ),
    request_timeout: entry(500, 'RequestTimeOut', 'Request timed out, please try again later.'),
    model_serving_error: entry(
      503,
      'ModelServingError',
      'Too many requests. Your requests are being throttled due to system capacity limits. Please try again later.',
    ),
    model_unavailable: entry(503, 'ModelUnavailable', 'Model is unavailable, please try again later.'),
  },
  byStatus: {
    400: 'invalid_parameter_error',
    401: 'invalid_api_key',
    403: 'access_denied',
    404: 'model_not_found',
    413: 'too_large',
    429: 'limit_requests',
    500: 'internal_error',
    503: 'model_unavailable',
  },
  other: (status, facts) => body(facts, 'unknown_error', `Unexpected status ${status}.`, {}),
  hints: ['retry-after'],
};
