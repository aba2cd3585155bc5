import { asObject, type JsonObject } from '../../json.js';
import type { ErrorCatalog, ErrorEntry, ErrorFacts } from '../../wire.js';
import { dashscopeErrors } from '../errors.js';

/** The native name of an error, and its words where they differ. Facts: the table of codes and recorded bodies. */
const nativeNames: Readonly<Record<string, readonly [code: string, message?: string]>> = {
  invalid_parameter_error: ['InvalidParameter', 'The request parameter is invalid.'],
  context_length: ['InvalidParameter', 'Range of input length should be [1, 129024]'],
  data_inspection_failed: ['DataInspectionFailed'],
  invalid_api_key: ['InvalidApiKey', 'Invalid API-key provided.'],
  access_denied: ['AccessDenied'],
  model_not_found: ['ModelNotFound', 'Model not exist.'],
  path_not_found: ['InvalidURL', 'The requested URL was not found.'],
  too_large: ['InvalidParameter', 'The request body is too large.'],
  limit_requests: ['Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.'],
  limit_burst_rate: ['Throttling.BurstRate'],
  insufficient_quota: ['Throttling.AllocationQuota', 'Allocated quota exceeded, please increase your quota limit.'],
  internal_error: ['InternalError'],
};

/** The same errors as in compatible mode, flat: `{code, message, request_id}`. */
export const nativeErrors: ErrorCatalog = {
  ...dashscopeErrors,
  entries: Object.fromEntries(
    Object.entries(dashscopeErrors.entries).map(([reason, entry]) => [reason, nativeEntry(reason, entry)]),
  ),
  other: (status, facts) => flat(facts, 'UnknownError', `Unexpected status ${status}.`),
};

function nativeEntry(reason: string, entry: ErrorEntry): ErrorEntry {
  return {
    status: entry.status,
    body: (facts) => {
      const error = asObject(entry.body(facts)['error']);
      const [code, message] = nativeNames[reason] ?? [String(error?.['code'])];
      return flat(facts, code, message ?? String(error?.['message']));
    },
  };
}

function flat(facts: ErrorFacts, code: string, message: string): JsonObject {
  return { code, message: facts.message ?? message, request_id: facts.requestId };
}
