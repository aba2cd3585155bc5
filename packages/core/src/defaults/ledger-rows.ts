import { type ObservedAttempt, outputTokensOf, targetStats } from '../policies/target-sample.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { BlockedCall, HoldRequest, Settlement } from '../spec/ledger.js';
import type { CostLine, NanoUsd } from '../spec/money.js';
import type { StatsQuery, TargetStats } from '../spec/report.js';
import type { Target } from '../spec/target.js';
import type { Usage } from '../spec/usage.js';

/** One physical request, or a call that ended without any. What reports and statistics count. */
export interface LedgerRow {
  readonly callId: string;
  /** 0: a call that ended before its first request. */
  readonly attempt: number;
  readonly status: 'ok' | 'failed' | 'cancelled' | 'blocked' | 'expired';
  readonly target: Target | null;
  readonly errorCode: ErrorCode | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  readonly usage: Usage | null;
  readonly usageUnknown: boolean;
  readonly actualNanoUsd: NanoUsd | null;
  readonly lines: readonly CostLine[];
  readonly servedModel: string | null;
  readonly estimatedNanoUsd: NanoUsd | null;
  /** Null: nothing was held. */
  readonly heldNanoUsd: NanoUsd | null;
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  /** True on the one row that counts the call. */
  readonly last: boolean;
  /** The part of the call's charge on this row. A correction changes that of the last one. */
  chargedNanoUsd: NanoUsd;
}

/** What was held for a call. */
export interface Held {
  readonly request: HoldRequest;
  readonly amountNanoUsd: NanoUsd;
}

/** One row per attempt, or one for a call without any. Together they carry what was charged; the last one bears the difference. */
export function rowsOfSettlement(
  callId: string,
  settlement: Settlement,
  hold: Held | undefined,
  chargedNanoUsd: NanoUsd,
  nowMs: number,
): readonly LedgerRow[] {
  const tags = settlement.tags ?? hold?.request.tags ?? {};
  const heldNanoUsd = hold?.amountNanoUsd ?? null;
  const { attempts } = settlement;
  if (attempts.length === 0)
    return [{ callId, tags, heldNanoUsd, ...unsent(settlement, hold?.request, nowMs), chargedNanoUsd }];
  const known = attempts.reduce((sum, { actualNanoUsd }) => sum + (actualNanoUsd ?? 0), 0);
  return attempts.map((record, index) => {
    const last = index === attempts.length - 1;
    const ownNanoUsd = record.actualNanoUsd ?? 0;
    return {
      callId,
      attempt: record.attempt,
      status: record.status,
      target: record.target,
      errorCode: record.errorCode,
      tags,
      startedAtMs: record.startedAtMs,
      usage: record.usage,
      usageUnknown: isUsageUnknown(record.usage, record.actualNanoUsd),
      actualNanoUsd: record.actualNanoUsd,
      lines: record.lines,
      servedModel: record.servedModel,
      estimatedNanoUsd: record.estimatedNanoUsd,
      heldNanoUsd,
      ttftMs: record.ttftMs,
      totalMs: record.totalMs,
      last,
      chargedNanoUsd: last ? ownNanoUsd + chargedNanoUsd - known : ownNanoUsd,
    };
  });
}

function unsent(
  { status, target, errorCode, usage, actualNanoUsd, lines, timing }: Settlement,
  held: HoldRequest | undefined,
  nowMs: number,
) {
  return {
    attempt: 0,
    status,
    target: target ?? held?.target ?? null,
    errorCode: errorCode ?? null,
    startedAtMs: nowMs - timing.totalMs,
    usage,
    usageUnknown: isUsageUnknown(usage, actualNanoUsd),
    actualNanoUsd,
    lines,
    servedModel: null,
    estimatedNanoUsd: null,
    ttftMs: null,
    totalMs: null,
    last: true,
  };
}

/** Nothing was sent, so it cost nothing. */
export function rowOfBlocked(
  { callId, status, target, errorCode, tags, totalMs }: BlockedCall,
  nowMs: number,
): LedgerRow {
  return {
    callId,
    attempt: 0,
    status,
    target,
    errorCode,
    tags,
    startedAtMs: nowMs - totalMs,
    usage: null,
    usageUnknown: false,
    actualNanoUsd: 0,
    lines: [],
    servedModel: null,
    estimatedNanoUsd: null,
    heldNanoUsd: null,
    ttftMs: null,
    totalMs: null,
    last: true,
    chargedNanoUsd: 0,
  };
}

/** A hold that an administrator has ended. Where the held amount counts as spent, the estimate behind it is what was probably used. */
export function rowOfResolved(
  { request: { callId, target, tags, estimatedUsage }, amountNanoUsd }: Held,
  heldAtMs: number,
  chargedNanoUsd: NanoUsd,
): LedgerRow {
  return {
    callId,
    attempt: 0,
    status: 'expired',
    target,
    errorCode: null,
    tags,
    startedAtMs: heldAtMs,
    usage: chargedNanoUsd > 0 ? estimatedUsage : null,
    usageUnknown: true,
    actualNanoUsd: chargedNanoUsd,
    lines: [],
    servedModel: null,
    estimatedNanoUsd: amountNanoUsd,
    heldNanoUsd: amountNanoUsd,
    ttftMs: null,
    totalMs: null,
    last: true,
    chargedNanoUsd,
  };
}

/** An attempt without usage is only known to have used nothing when it is known to have cost nothing. */
function isUsageUnknown(usage: Usage | null, actualNanoUsd: NanoUsd | null): boolean {
  return usage === null ? actualNanoUsd !== 0 : usage.unknown;
}

/** What the rows say about each target. Cancelled attempts say nothing about it. */
export function statsOf(rows: readonly LedgerRow[], query: StatsQuery): readonly TargetStats[] {
  return targetStats(observed(rows, query), query);
}

function* observed(rows: readonly LedgerRow[], query: StatsQuery): Generator<ObservedAttempt> {
  const { sinceMs = 0, provider, model } = query;
  for (let index = rows.length - 1; index >= 0; index--) {
    const row = rows[index] as LedgerRow;
    const { target, status, startedAtMs, usage } = row;
    if (row.attempt === 0 || target === null || status === 'cancelled' || startedAtMs < sinceMs) continue;
    if ((provider ?? target.provider) !== target.provider || (model ?? target.model) !== target.model) continue;
    yield {
      target,
      ok: status === 'ok',
      errorCode: row.errorCode,
      atMs: startedAtMs + (row.totalMs ?? 0),
      ttftMs: row.ttftMs,
      totalMs: row.totalMs,
      outputTokens: usage === null ? null : outputTokensOf(usage.quantities),
      actualNanoUsd: row.actualNanoUsd,
      estimatedNanoUsd: row.estimatedNanoUsd,
    };
  }
}

export function sorted(values: readonly (number | null)[]): readonly number[] {
  return values.filter((value) => value !== null).sort((first, second) => first - second);
}

/** Nearest rank. */
export function quantile(ascending: readonly number[], share: number): number | null {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? null;
}
