import type { CallsQuery, EndedCall } from '../spec/ledger.js';
import type { LedgerRow } from './ledger-rows.js';

/** Calls on one page at most. */
const maxCalls = 1_000;

/** The calls behind the rows, by call id. */
export function endedCalls(rows: readonly LedgerRow[], query: CallsQuery): readonly EndedCall[] {
  const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY, afterCallId = '' } = query;
  const limit = Math.min(query.limit ?? maxCalls, maxCalls);
  const last = rows
    .filter((row) => row.last && row.startedAtMs >= sinceMs && row.startedAtMs < untilMs && row.callId > afterCallId)
    .sort((first, second) => (first.callId < second.callId ? -1 : 1))
    .slice(0, limit);
  return last.map(({ callId, status, heldNanoUsd }) => {
    const own = rows.filter((row) => row.callId === callId);
    return {
      callId,
      status,
      heldNanoUsd,
      chargedNanoUsd: own.reduce((sum, row) => sum + row.chargedNanoUsd, 0),
      attempts: own.map((row) => ({
        attempt: row.attempt,
        startedAtMs: row.startedAtMs,
        target: row.target,
        servedModel: row.servedModel,
        usage: row.usage,
        estimatedNanoUsd: row.estimatedNanoUsd,
        actualNanoUsd: row.actualNanoUsd,
        priceIds: [...new Set(row.lines.map(({ priceId }) => priceId))],
      })),
    };
  });
}
