import type { BlockedCall, CostLine, Settlement, Target } from '@vibe/core';
import type { AttemptLine, AttemptValues } from '../protocol.js';
import { isUsageUnknown, roundedMs, unknownRow, usagePairsOf } from '../row-values.js';

/** The row of a call that was held and ended before its first request. */
export function unsentRow(settlement: Settlement, heldTarget: Target | null, nowMs: number): AttemptValues {
  const { timing, usage, actualNanoUsd } = settlement;
  return {
    ...unknownRow,
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
    ...unknownRow,
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
