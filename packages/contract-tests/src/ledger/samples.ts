import type { AttemptRecord, HoldRequest, ResolvedBudget, Settlement, Target, Timing, Usage } from '@vibe/core';

export const target: Target = {
  provider: 'acme',
  profile: 'default',
  endpoint: 'main',
  region: 'global',
  model: 'acme-1',
};

export const premium: Target = { ...target, endpoint: 'far', model: 'acme-2' };

const usage: Usage = { quantities: { input_token: 10, output_token: 20 }, unknown: false, source: 'provider' };
const timing: Timing = { ttftMs: 100, totalMs: 1_000, waitMs: 0, retryMs: 0, attempts: 1 };

/** 1,000,000 nano-USD for all calls, for ever; overridden by what a test is about. */
export function budgetOf(fields: Partial<ResolvedBudget> = {}): ResolvedBudget {
  const window = fields.window ?? 'total';
  const scope = fields.scope ?? 'all';
  return {
    id: `${window} ${scope}`,
    scope,
    window,
    timezone: null,
    limitNanoUsd: 1_000_000,
    mode: 'strict_budget',
    warnAt: [],
    shadow: false,
    origin: 'contract-tests',
    ...fields,
  };
}

export function holdRequestOf(
  fields: Partial<HoldRequest> & Pick<HoldRequest, 'callId' | 'amountNanoUsd'>,
): HoldRequest {
  return {
    budgets: [],
    strict: true,
    leaseMs: 60_000,
    tags: {},
    traceId: fields.callId,
    target,
    estimatedUsage: { quantities: { input_token: 10, output_token: 100 }, unknown: true, source: 'estimated' },
    ...fields,
  };
}

/** One answered request that cost `actualNanoUsd`. */
export function attemptOf(fields: Partial<AttemptRecord> & Pick<AttemptRecord, 'startedAtMs'>): AttemptRecord {
  const actualNanoUsd = fields.actualNanoUsd === undefined ? 100 : fields.actualNanoUsd;
  return {
    attempt: 1,
    target,
    status: 'ok',
    errorCode: null,
    errorMessage: null,
    httpStatus: 200,
    servedModel: null,
    requestId: null,
    finishReason: 'stop',
    rawFinishReason: 'stop',
    usage,
    estimatedNanoUsd: actualNanoUsd,
    lines: linesOf(actualNanoUsd),
    currency: null,
    fxRate: null,
    ttftMs: 100,
    totalMs: 1_000,
    waitMs: 0,
    retryMs: 0,
    ...fields,
    actualNanoUsd,
  };
}

function linesOf(nanoUsd: number | null) {
  if (nanoUsd === null) return [];
  return [{ unit: 'output_token', quantity: 20, usd: nanoUsd / 1e9, nanoUsd, priceId: 'contract-tests/acme-1' }];
}

/** The end of a call, from its attempts. */
export function settlementOf(attempts: readonly AttemptRecord[], fields: Partial<Settlement> = {}): Settlement {
  const costs = attempts.map((attempt) => attempt.actualNanoUsd);
  const known = costs.filter((cost) => cost !== null);
  return {
    status: attempts.at(-1)?.status ?? 'ok',
    attempts,
    usage: attempts.at(-1)?.usage ?? null,
    actualNanoUsd: known.length === costs.length ? known.reduce((sum, cost) => sum + cost, 0) : null,
    lines: attempts.flatMap((attempt) => attempt.lines),
    timing: { ...timing, attempts: attempts.length },
    target,
    ...fields,
  };
}
