import type { AttemptRecord, BlockedCall, CostLine, Settlement, Target, Usage } from '@vibe/core';
import type { AttemptLine, AttemptValues } from '../protocol.js';

/** What is stored about a call, never what it said: prompts and answers do not come here. */

/** The row of one physical request. */
export function attemptRow(record: AttemptRecord): AttemptValues {
  const { usage, actualNanoUsd } = record;
  return {
    attempt: record.attempt,
    ts: Math.floor(record.startedAtMs),
    status: record.status,
    target: record.target,
    servedModel: record.servedModel,
    requestId: record.requestId,
    usageJson: usage === null ? null : usageJsonOf(usage),
    // An attempt without usage is only known to have used nothing when it is known to have cost nothing.
    usageUnknown: usage === null ? actualNanoUsd !== 0 : usage.unknown,
    usageSource: usage?.source ?? null,
    estimatedNanoUsd: record.estimatedNanoUsd,
    actualNanoUsd,
    currency: record.currency,
    fxRate: record.fxRate,
    lines: record.lines.map(lineOf),
    ttftMs: rounded(record.ttftMs),
    totalMs: Math.round(record.totalMs),
    waitMs: Math.round(record.waitMs),
    retryMs: Math.round(record.retryMs),
    errorCode: record.errorCode,
    errorMessage: record.errorMessage,
    finishReason: record.finishReason,
    rawFinishReason: record.rawFinishReason,
    httpStatus: record.httpStatus,
  };
}

/** The row of a call that was held and ended before its first request. */
export function unsentRow(settlement: Settlement, heldTarget: Target | null, nowMs: number): AttemptValues {
  const { timing, usage, actualNanoUsd } = settlement;
  return {
    ...emptyRow,
    ts: Math.floor(nowMs - timing.totalMs),
    status: settlement.status,
    target: settlement.target ?? heldTarget,
    usageJson: usage === null ? null : usageJsonOf(usage),
    usageUnknown: usage?.unknown ?? false,
    usageSource: usage?.source ?? null,
    actualNanoUsd,
    lines: settlement.lines.map(lineOf),
    ttftMs: rounded(timing.ttftMs),
    totalMs: Math.round(timing.totalMs),
    waitMs: Math.round(timing.waitMs),
    retryMs: Math.round(timing.retryMs),
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
    totalMs: Math.round(blocked.totalMs),
    waitMs: Math.round(blocked.waitMs),
    errorCode: blocked.errorCode,
    errorMessage: blocked.errorMessage,
  };
}

export function usageJsonOf(usage: Usage): string {
  return JSON.stringify(usage.quantities);
}

/** Null without tags. */
export function tagsJsonOf(tags: Readonly<Record<string, string>>): string | null {
  const json = JSON.stringify(tags);
  return json === '{}' ? null : json;
}

/** `qwen@sg/qwen-plus`, as a model is written in a request. */
export function targetText({ provider, endpoint, model }: Target): string {
  return `${provider}@${endpoint}/${model}`;
}

function lineOf({ unit, quantity, nanoUsd, priceId }: CostLine): AttemptLine {
  return [unit, quantity, nanoUsd, priceId];
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

const emptyRow: AttemptValues = {
  attempt: 0,
  ts: 0,
  status: '',
  target: null,
  servedModel: null,
  requestId: null,
  usageJson: null,
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
