import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import type { AttemptLine } from '../protocol.js';

/** One row of table `attempt`, with what was added to it later. Prompts and answers are not stored. */
export interface AttemptRow {
  readonly callId: string;
  /** 0: a call that ended before its first request. */
  readonly attempt: number;
  readonly traceId: string | null;
  readonly startedAtMs: number;
  readonly status: 'ok' | 'failed' | 'cancelled' | 'blocked' | 'expired';
  readonly provider: string | null;
  readonly profile: string | null;
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly model: string | null;
  readonly servedModel: string | null;
  readonly downgradedFrom: string | null;
  readonly requestId: string | null;
  readonly quantities: Readonly<Record<string, number>> | null;
  readonly usageUnknown: boolean;
  readonly usageSource: string | null;
  readonly estimatedNanoUsd: NanoUsd | null;
  /** Null when unknown. */
  readonly actualNanoUsd: NanoUsd | null;
  /** What budgets were charged for this row. */
  readonly chargedNanoUsd: NanoUsd;
  /** Corrections of the call, on its last row. */
  readonly correctedNanoUsd: NanoUsd;
  readonly currency: string | null;
  readonly fxRate: number | null;
  readonly lines: readonly {
    readonly unit: string;
    readonly quantity: number;
    readonly nanoUsd: NanoUsd;
    readonly priceId: string;
  }[];
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  readonly waitMs: number | null;
  readonly retryMs: number | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly httpStatus: number | null;
  readonly finishReason: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** True on the one row that counts the call. */
  readonly last: boolean;
}

export interface AttemptsQuery {
  readonly sinceMs?: number;
  /** Exclusive. */
  readonly untilMs?: number;
  readonly status?: string;
  readonly provider?: string;
  readonly model?: string;
  /** The call with this id, or the calls whose id begins or ends so. */
  readonly callId?: string;
  /** Default: oldest first. */
  readonly newestFirst?: boolean;
  readonly limit?: number;
}

interface StoredRow {
  readonly call_id: string;
  readonly attempt: number;
  readonly trace_id: string | null;
  readonly ts: number;
  readonly status: AttemptRow['status'];
  readonly provider: string | null;
  readonly profile: string | null;
  readonly endpoint: string | null;
  readonly region: string | null;
  readonly model: string | null;
  readonly served_model: string | null;
  readonly downgraded_from: string | null;
  readonly request_id: string | null;
  readonly usage_json: string | null;
  readonly usage_unknown: number;
  readonly usage_source: string | null;
  readonly cost_est_nano: number | null;
  readonly cost_actual_nano: number | null;
  readonly charged_nano: number;
  readonly corrected_nano: number;
  readonly currency: string | null;
  readonly fx_rate: number | null;
  readonly lines_json: string | null;
  readonly ttft_ms: number | null;
  readonly total_ms: number | null;
  readonly wait_ms: number | null;
  readonly retry_ms: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly http_status: number | null;
  readonly finish_reason: string | null;
  readonly tags_json: string | null;
  readonly last: number;
}

/** Rows as they are read, so that a long export needs no memory. */
export function* attempts(db: Database, query: AttemptsQuery): Iterable<AttemptRow> {
  const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER, status = null, provider = null, model = null } = query;
  const { callId = null, newestFirst = false, limit = -1 } = query;
  const order = newestFirst ? 'DESC' : 'ASC';
  const statement = db.prepare(
    `SELECT *, CASE WHEN last = 1 THEN coalesce((SELECT sum(amount_nano) FROM event WHERE event.call_id = attempt.call_id
       AND kind = 'correct'), 0) ELSE 0 END AS corrected_nano
     FROM attempt WHERE ts >= :sinceMs AND ts < :untilMs AND (:status IS NULL OR status = :status)
       AND (:provider IS NULL OR provider = :provider) AND (:model IS NULL OR model = :model)
       AND (:callId IS NULL OR substr(call_id, 1, length(:callId)) = :callId OR substr(call_id, -length(:callId)) = :callId)
     ORDER BY ts ${order}, call_id ${order}, attempt ${order} LIMIT :limit`,
  );
  const values = { sinceMs, untilMs, status, provider, model, callId, limit };
  for (const row of statement.iterate(values) as IterableIterator<StoredRow>) yield attemptRow(row);
}

function attemptRow(row: StoredRow): AttemptRow {
  return {
    callId: row.call_id,
    attempt: row.attempt,
    traceId: row.trace_id,
    startedAtMs: row.ts,
    status: row.status,
    provider: row.provider,
    profile: row.profile,
    endpoint: row.endpoint,
    region: row.region,
    model: row.model,
    servedModel: row.served_model,
    downgradedFrom: row.downgraded_from,
    requestId: row.request_id,
    quantities: row.usage_json === null ? null : (JSON.parse(row.usage_json) as Record<string, number>),
    usageUnknown: row.usage_unknown === 1,
    usageSource: row.usage_source,
    estimatedNanoUsd: row.cost_est_nano,
    actualNanoUsd: row.cost_actual_nano,
    chargedNanoUsd: row.charged_nano,
    correctedNanoUsd: row.corrected_nano,
    currency: row.currency,
    fxRate: row.fx_rate,
    lines: linesOf(row.lines_json),
    ttftMs: row.ttft_ms,
    totalMs: row.total_ms,
    waitMs: row.wait_ms,
    retryMs: row.retry_ms,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    httpStatus: row.http_status,
    finishReason: row.finish_reason,
    tags: row.tags_json === null ? {} : (JSON.parse(row.tags_json) as Record<string, string>),
    last: row.last === 1,
  };
}

function linesOf(linesJson: string | null): AttemptRow['lines'] {
  if (linesJson === null) return [];
  return (JSON.parse(linesJson) as readonly AttemptLine[]).map(([unit, quantity, nanoUsd, priceId]) => {
    return { unit, quantity, nanoUsd, priceId };
  });
}
