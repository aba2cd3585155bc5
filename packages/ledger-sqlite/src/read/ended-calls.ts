import type { CallsQuery, EndedAttempt, EndedCall, NanoUsd, Usage } from '@vibe/core';
import type { Database } from 'better-sqlite3';

interface AttemptRow {
  readonly call_id: string;
  readonly attempt: number;
  readonly ts: number;
  readonly status: EndedCall['status'];
  readonly provider: string | null;
  readonly profile: string | null;
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly model: string | null;
  readonly served_model: string | null;
  readonly usage_json: string | null;
  readonly usage_unknown: number;
  readonly usage_source: Usage['source'] | null;
  readonly cost_est_nano: NanoUsd | null;
  readonly cost_actual_nano: NanoUsd | null;
  readonly price_ids: string | null;
  readonly charged_nano: NanoUsd;
  readonly last: number;
  readonly held_nano: NanoUsd | null;
  readonly delta_nano: NanoUsd | null;
}

/** Calls on one page at most. */
const maxCalls = 1_000;

const pageOfCalls = `SELECT attempt.*,
    (SELECT max(amount_nano) FROM event WHERE event.call_id = attempt.call_id AND kind IN ('hold', 'extend')) AS held_nano,
    (SELECT sum(amount_nano) FROM event WHERE event.call_id = attempt.call_id AND kind = 'correct') AS delta_nano
  FROM attempt WHERE call_id IN (
    SELECT call_id FROM attempt WHERE last = 1 AND ts >= ? AND ts < ? AND call_id > ? ORDER BY call_id LIMIT ?
  ) ORDER BY call_id, attempt`;

/** Ended calls by call id, with all of their attempts. */
export function endedCalls(db: Database, query: CallsQuery): readonly EndedCall[] {
  const { sinceMs, untilMs, afterCallId = '', limit = maxCalls } = query;
  const rows = db
    .prepare(pageOfCalls)
    .all(
      Math.trunc(sinceMs ?? 0),
      Math.trunc(untilMs ?? Number.MAX_SAFE_INTEGER),
      afterCallId,
      Math.min(Math.trunc(limit), maxCalls),
    ) as AttemptRow[];
  const byCall = new Map<string, AttemptRow[]>();
  for (const row of rows) {
    const attempts = byCall.get(row.call_id);
    if (attempts === undefined) byCall.set(row.call_id, [row]);
    else attempts.push(row);
  }
  return [...byCall].map(([callId, attempts]) => {
    const last = attempts.find((row) => row.last === 1) ?? attempts[0];
    const charged = attempts.reduce((sum, row) => sum + row.charged_nano, 0);
    return {
      callId,
      status: last?.status ?? 'expired',
      heldNanoUsd: last?.held_nano ?? null,
      chargedNanoUsd: charged + (last?.delta_nano ?? 0),
      attempts: attempts.map(attemptOf),
    };
  });
}

function attemptOf(row: AttemptRow): EndedAttempt {
  const { provider, profile, endpoint, region, model } = row;
  const named = provider !== null && profile !== null && endpoint !== null && region !== null && model !== null;
  return {
    attempt: row.attempt,
    startedAtMs: row.ts,
    target: named ? { provider, profile, endpoint, region, model } : null,
    servedModel: row.served_model,
    usage: usageOf(row),
    estimatedNanoUsd: row.cost_est_nano,
    actualNanoUsd: row.cost_actual_nano,
    priceIds: priceIdsOf(row.price_ids),
  };
}

function usageOf({ usage_json, usage_unknown, usage_source }: AttemptRow): Usage | null {
  if (usage_json === null) return null;
  const quantities = JSON.parse(usage_json) as Record<string, number>;
  return { quantities, unknown: usage_unknown === 1, source: usage_source ?? 'estimated' };
}

function priceIdsOf(text: string | null): readonly string[] {
  return text === null || text === '' ? [] : text.split(',');
}
