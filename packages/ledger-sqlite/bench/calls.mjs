// What one call sends to the ledger, as the chain does it: a hold, and a settlement with one attempt.

let lastId = 0;
const runId = Date.now().toString(36);

/** Time-ordered, like the ids the chain mints. */
export const nextCallId = () => `${runId}${(++lastId).toString(36).padStart(8, '0')}`;

export const target = { provider: 'qwen', profile: 'default', endpoint: 'sg', region: 'sg', model: 'qwen-plus' };

/** Budgets with so much room that nothing is refused. */
export const budgets = (count) =>
  [
    { id: 'day', scope: 'all', window: 'day' },
    { id: 'user', scope: 'tag.user=alice', window: 'month' },
    { id: 'model', scope: 'model=qwen-plus', window: 'total' },
  ]
    .slice(0, count)
    .map((budget) => ({
      ...budget,
      timezone: null,
      limitNanoUsd: 5_000_000e9,
      mode: 'strict_budget',
      warnAt: [0.8],
      shadow: false,
      origin: 'bench',
    }));

// The chain passes on the tags of the request.
const tags = { user: 'alice' };

const estimatedUsage = { quantities: { input_token: 1200, output_token: 800 }, unknown: true, source: 'estimated' };

export const holdRequest = (callId, callBudgets, strict = true) => ({
  callId,
  amountNanoUsd: 10_000_000,
  budgets: callBudgets,
  strict,
  leaseMs: 60_000,
  tags,
  traceId: `trace-${callId}`,
  target,
  estimatedUsage,
});

export const settlement = (callId) => {
  const usage = { quantities: { input_token: 1187, output_token: 412 }, unknown: false, source: 'provider' };
  const lines = [
    { unit: 'input_token', quantity: 1187, usd: 0.0014, nanoUsd: 1_400_000, priceId: 'qwen-plus/2026-09/input' },
    { unit: 'output_token', quantity: 412, usd: 0.0021, nanoUsd: 2_100_000, priceId: 'qwen-plus/2026-09/output' },
  ];
  return {
    status: 'ok',
    usage,
    lines,
    actualNanoUsd: 3_500_000,
    timing: { ttftMs: 310, totalMs: 1840, waitMs: 0, retryMs: 0, attempts: 1 },
    tags,
    traceId: `trace-${callId}`,
    target,
    attempts: [
      {
        attempt: 1,
        startedAtMs: Date.now(),
        target,
        status: 'ok',
        errorCode: null,
        errorMessage: null,
        httpStatus: 200,
        servedModel: 'qwen-plus-2026-07-28',
        requestId: 'c3f1b2a4-6f7e-9a1b-8c2d-1e5f6a7b8c9d',
        finishReason: 'stop',
        rawFinishReason: 'stop',
        usage,
        estimatedNanoUsd: 5_200_000,
        actualNanoUsd: 3_500_000,
        lines,
        currency: null,
        fxRate: null,
        ttftMs: 310,
        totalMs: 1840,
        waitMs: 0,
        retryMs: 0,
      },
    ],
  };
};

/** Runs `call` from `concurrency` callers until `count` calls are done. */
export async function runCalls(count, concurrency, call) {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await call(nextCallId());
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
}
