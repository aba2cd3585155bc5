import type { HoldRequest } from '../spec/ledger.js';
import type { Call } from '../spec/middleware.js';
import type { Candidate } from './live-call.js';

/** How long a hold outlives a process that died in mid-call. The ledger renews it while the process lives. */
const leaseMs = 60_000;

/** What a ledger is asked to set aside for a candidate. A worst case nobody knows holds nothing: strict calls never get here with one. */
export function holdRequestOf(call: Call, candidate: Candidate): HoldRequest {
  const { idempotencyKey, tags = {} } = call.request;
  const { cost } = candidate.option;
  return {
    callId: call.id,
    amountNanoUsd: cost.worstCaseNanoUsd ?? 0,
    budgets: candidate.budgets,
    strict: candidate.strict,
    leaseMs,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    tags,
    traceId: call.traceId,
    target: candidate.target,
    estimatedUsage: cost.estimatedUsage,
  };
}
