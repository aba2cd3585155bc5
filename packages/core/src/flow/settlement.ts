import { addUsage } from '../money/usage.js';
import type { Settlement } from '../spec/ledger.js';
import type { CostLine, NanoUsd } from '../spec/money.js';
import type { AttemptRecord, Timing } from '../spec/response.js';
import type { Usage } from '../spec/usage.js';
import { elapsedMs } from './elapsed.js';
import type { Outcome } from './endings.js';
import type { LiveCall } from './live-call.js';

/** The truth about a call that has ended, from the records of its attempts. */
export function settlementOf(call: LiveCall, outcome: Outcome, nowMs: number): Settlement {
  const { state } = call;
  const error = outcome.status === 'error' ? outcome.error : null;
  const cancelled = outcome.status === 'cancelled' || state.draining;
  return {
    status: cancelled ? 'cancelled' : error === null ? 'ok' : 'failed',
    attempts: state.attempts,
    usage: totalUsage(state.attempts),
    actualNanoUsd: totalNanoUsd(state.attempts),
    lines: totalLines(state.attempts),
    timing: timingOf(call, nowMs),
    tags: call.request.tags ?? {},
    traceId: call.traceId,
    ...(error !== null
      ? { errorCode: error.code, errorMessage: error.message }
      : cancelled
        ? { errorCode: 'cancelled' as const }
        : {}),
    ...(state.downgradedFrom === null ? {} : { downgradedFrom: state.downgradedFrom }),
    ...(state.target === null ? {} : { target: state.target }),
  };
}

export function timingOf(call: LiveCall, nowMs: number): Timing {
  const { state } = call;
  return {
    ttftMs: state.firstDeltaAtMs === null ? null : elapsedMs(call.startedAtMs, state.firstDeltaAtMs),
    totalMs: elapsedMs(call.startedAtMs, nowMs),
    waitMs: state.waitMs,
    retryMs: state.retryMs,
    attempts: state.dispatched,
  };
}

/** Null when nothing at all is known. */
export function totalUsage(attempts: readonly AttemptRecord[]): Usage | null {
  let total: Usage | null = null;
  for (const { usage } of attempts) if (usage !== null) total = total === null ? usage : addUsage(total, usage);
  return total;
}

/** Null when the cost of any attempt is unknown. */
export function totalNanoUsd(attempts: readonly AttemptRecord[]): NanoUsd | null {
  let total = 0;
  for (const { actualNanoUsd } of attempts) {
    if (actualNanoUsd === null) return null;
    total += actualNanoUsd;
  }
  return total;
}

export function totalLines(attempts: readonly AttemptRecord[]): readonly CostLine[] {
  return attempts.length === 1 ? (attempts[0]?.lines ?? []) : attempts.flatMap((record) => record.lines);
}
