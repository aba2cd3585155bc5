import type { EndedAttempt, EndedCall, LedgerAdmin, NanoUsd, Pricing, Usage } from '@vibe/core';

/** A call whose bill is another one by the prices of today's list. */
export interface Rerating {
  readonly callId: string;
  /** When its last attempt began. */
  readonly startedAtMs: number;
  /** Of its last attempt: `qwen/qwen-plus`. */
  readonly model: string;
  /** What it was settled at, before any correction; null when a part of it was unpriced. */
  readonly settledNanoUsd: NanoUsd | null;
  /** What it counts for now, corrections included. */
  readonly chargedNanoUsd: NanoUsd;
  readonly newNanoUsd: NanoUsd;
  readonly deltaNanoUsd: NanoUsd;
}

export interface RerateOptions {
  /** Calls whose last attempt began at this time or later, epoch milliseconds. */
  readonly sinceMs: number;
  /** Exclusive. Default: no end. */
  readonly untilMs?: number;
  /** Stands in the ledger beside each correction. */
  readonly reason: string;
  /** Default false: nothing is written. */
  readonly write?: boolean;
}

export interface RerateResult {
  readonly calls: number;
  readonly changed: readonly Rerating[];
  /** Ended calls that no price is known for, or that ended without usage: they stay as they are. */
  readonly unpriced: number;
}

const callsPerPage = 500;

/**
 * Prices ended calls again, each attempt by the list of its own time, and writes the differences as correction events:
 * rows are never edited, and a call that is re-rated twice is corrected once. Throws what the ledger throws; corrections
 * written before that stay.
 */
export async function rerate(
  admin: Required<Pick<LedgerAdmin, 'calls'>> & Pick<LedgerAdmin, 'correct'>,
  pricing: Pricing,
  { sinceMs, untilMs, reason, write = false }: RerateOptions,
): Promise<RerateResult> {
  const changed: Rerating[] = [];
  let [calls, unpriced, afterCallId] = [0, 0, ''];
  for (;;) {
    const window = { sinceMs, ...(untilMs !== undefined && { untilMs }) };
    const page = await admin.calls({ ...window, afterCallId, limit: callsPerPage });
    for (const call of page) {
      if (call.status === 'blocked') continue;
      calls++;
      const newNanoUsd = costOf(call, pricing);
      if (newNanoUsd === null) unpriced++;
      else if (newNanoUsd !== call.chargedNanoUsd) {
        changed.push(reratingOf(call, newNanoUsd));
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < callsPerPage) break;
    afterCallId = last.callId;
  }
  if (write) for (const { callId, deltaNanoUsd } of changed) await admin.correct(callId, { deltaNanoUsd, reason });
  return { calls, changed, unpriced };
}

function reratingOf({ callId, chargedNanoUsd, attempts }: EndedCall, newNanoUsd: NanoUsd): Rerating {
  const last = attempts.at(-1);
  let settledNanoUsd: NanoUsd | null = 0;
  for (const { actualNanoUsd } of attempts)
    settledNanoUsd = settledNanoUsd === null || actualNanoUsd === null ? null : settledNanoUsd + actualNanoUsd;
  return {
    callId,
    startedAtMs: last?.startedAtMs ?? 0,
    model: last?.target == null ? '' : `${last.target.provider}/${last.servedModel ?? last.target.model}`,
    settledNanoUsd,
    chargedNanoUsd,
    newNanoUsd,
    deltaNanoUsd: newNanoUsd - chargedNanoUsd,
  };
}

/** Null when any attempt cannot be priced. What an expired hold has booked is nobody's usage. */
function costOf({ status, attempts }: EndedCall, pricing: Pricing): NanoUsd | null {
  if (status === 'expired') return null;
  let total = 0;
  for (const attempt of attempts) {
    const nanoUsd = attemptCost(attempt, pricing);
    if (nanoUsd === null) return null;
    total += nanoUsd;
  }
  return total;
}

function attemptCost(attempt: EndedAttempt, pricing: Pricing): NanoUsd | null {
  const { target, servedModel, usage, startedAtMs } = attempt;
  if (usage === null) return attempt.actualNanoUsd === 0 ? 0 : null;
  if (target === null) return null;
  const { provider, model, region } = target;
  const billed: Usage = { ...usage, ...serviceTierOf(attempt) };
  return (
    pricing.price({ provider, model, servedModel, region, atMs: startedAtMs, usage: billed })?.totalNanoUsd ?? null
  );
}

/** The tier is written behind the ids of the prices it was billed by; a plus inside of one belongs to the name of a model. */
function serviceTierOf({ priceIds }: EndedAttempt): Pick<Usage, 'serviceTier'> {
  for (const priceId of priceIds) {
    const serviceTier = /.\+([^+/:@]+)$/.exec(priceId)?.[1];
    if (serviceTier !== undefined) return { serviceTier };
  }
  return {};
}
