import type { ErrorCode } from '../spec/error-code.js';

/** What the chain does with an error. */
export interface FailureRule {
  /** Try the same candidate again. */
  readonly retry: boolean;
  /** Try the next candidate. */
  readonly failover: boolean;
  /** Counts against the circuit of the endpoint. */
  readonly trips: boolean;
  /** The provider may charge for the attempt although it gave no answer: keep its estimate. */
  readonly mayBeBilled: boolean;
  /** Why, for the reader and for `llm` messages. */
  readonly reason: string;
}

/**
 * THE TABLE: what an error means for retry, failover, breaker and money. Nothing else in the chain decides by code.
 * Nothing is ever retried or failed over once the caller has seen a delta.
 */
export const failurePolicy: Readonly<Record<ErrorCode, FailureRule>> = {
  // ours, before anything was sent
  invalid_request: rule('----', 'The request itself is wrong: every provider would refuse it.'),
  config: rule('----', 'A person has to change the configuration.'),
  budget_exceeded: rule('----', 'The money is not there; plan and budget have already looked for a cheaper route.'),
  unpriced: rule('----', 'Without a price no bound can be held.'),
  no_route: rule('----', 'No candidate may serve the call.'),
  rate_limited: rule(
    '-F--',
    'Our own limiter gave up waiting; another target may have room. The provider never saw it.',
  ),
  circuit_open: rule(
    '-F--',
    'The endpoint is known to be down; another one may be up. Not an outcome, so it trips nothing.',
  ),
  ledger_unavailable: rule('----', 'Without the ledger no strict call may leave.'),
  // the provider's answers
  auth: rule(
    '-F--',
    'The key does not get better by repeating it; another provider or key may work. Always with a warning.',
  ),
  provider_rate_limited: rule('RF--', 'The endpoint is healthy and asks to wait. A 429 is not billed.'),
  provider_quota: rule(
    '-F--',
    'A quota that waiting does not mend (per day, zero, unpaid); another account or model may have some.',
  ),
  provider_unavailable: rule('RFT-', 'Overload or a failure before an answer. 5xx are not billed.'),
  provider_rejected: rule('----', 'A 4xx without a better name: the same request would be rejected again.'),
  model_not_found: rule('-F--', 'This endpoint does not have the model; another may.'),
  context_length: rule('-F--', 'Too long for this model; another may have a longer context.'),
  content_filtered: rule('----', 'Asking elsewhere to get around a filter is for the caller to decide.'),
  region_blocked: rule('-F--', 'This endpoint does not serve from here; another region may.'),
  invalid_response: rule('RFTB', 'The answer cannot be read, but it was produced.'),
  stream_truncated: rule('RFTB', 'The stream ended without a finish reason: tokens were produced.'),
  timeout: rule('RFTB', 'The provider may have worked on it all the time.'),
  // the end of the call
  cancelled: rule('---B', 'The caller wants no answer any more. Input that was sent is paid for.'),
  schema_mismatch: rule('---B', 'The answer was produced and paid for; the repair attempt belongs to generate().'),
  internal: rule('----', 'A defect of this software: repeating it would hide it.'),
};

/** `flags` are the columns in order: Retry, Failover, Trips, may be Billed; `-` is no. */
function rule(flags: `${'R' | '-'}${'F' | '-'}${'T' | '-'}${'B' | '-'}`, reason: string): FailureRule {
  return {
    retry: flags[0] === 'R',
    failover: flags[1] === 'F',
    trips: flags[2] === 'T',
    mayBeBilled: flags[3] === 'B',
    reason,
  };
}
