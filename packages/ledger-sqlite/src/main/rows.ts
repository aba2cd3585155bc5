import type { BlockedCall, CostLine, Settlement, Target } from '@vibe/core';
import type { AttemptLine, AttemptValues } from '../protocol.js';
import { isUsageUnknown, roundedMs, usagePairsOf } from '../row-values.js';

/** The row of a call that was held and ended before its first request. */
export function unsentRow(settlement: Settlement, heldTarget: Target | null, nowMs: number): AttemptValues {
  const { timing, usage, actualNanoUsd } = settlement;
  return {
    ...emptyRow,
    ts: Math.floor(nowMs - timing.totalMs),
    status: settlement.status,
    target: settlement.target ?? heldTarget,
    usage: usage === null ? null : usagePairsOf(usage),
    usageUnknown: isUsageUnknown(usage, actualNanoUsd),
    usageSource: usage?.source ?? null,
    actualNanoUsd,
    lines: settlement.lines.map(lineOf),
    ttftMs: roundedMs(timing.ttftMs),
    totalMs: roundedMs(timing.totalMs),
    waitMs: roundedMs(timing.waitMs),
    retryMs: roundedMs(timing.retryMs),
    errorCode: settlement.errorCode ?? null,
    errorMessage: settlement.errorMessage ?? null,
  };
}

/** The row of a call that ended before its hold. Nothing was sent, so it cost nothing. */
export function blockedRow(blocked: BlockedCall, nowMs: number): AttemptValues {
  return {
    ...emptyRow,
    ts: Math.floor(nowMs - blocked.totalMs),
    status: blocked.status,
    target: blocked.target,
    estimatedNanoUsd: blocked.estimatedNanoUsd,
    actualNanoUsd: 0,
    totalMs: roundedMs(blocked.totalMs),
    waitMs: roundedMs(blocked.waitMs),
    errorCode: blocked.errorCode,
    errorMessage: blocked.errorMessage,
  };
}

function lineOf({ unit, quantity, nanoUsd, priceId }: CostLine): AttemptLine {
  return [unit, quantity, nanoUsd, priceId];
}

const emptyRow: AttemptValues = {
  attempt: 0,
  ts: 0,
  status: '',
  target: null,
  servedModel: null,
  requestId: null,
  usage: null,
  usageUnknown: false,
  usageSource: null,
  estimatedNanoUsd: null,
  actualNanoUsd: null,
  currency: null,
  fxRate: null,
  lines: [],
  ttftMs: null,
  totalMs: null,
  waitMs: null,
  retryMs: null,
  errorCode: null,
  errorMessage: null,
  finishReason: null,
  rawFinishReason: null,
  httpStatus: null,
};
