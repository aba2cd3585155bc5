import type { NanoUsd, Target } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { sqlInteger, sqlIntegerOrNull } from '../database/sql-integer.js';
import { measuredOf, type StoredMeasures } from '../measure/measure.js';
import { type CountedAttempt, rollupKeyOf } from '../measure/recount.js';
import type { AttemptValues } from '../protocol.js';
import { usageJsonOf } from '../row-values.js';
import type { Rollups } from './rollups.js';
import type { Targets } from './targets.js';

/** Error texts are for people; a provider's page of HTML is not. */
const maxErrorMessageLength = 500;

/** What the rows of one call have in common, and what the ledger adds to each. */
export interface RowContext {
  readonly callId: string;
  readonly traceId: string | null;
  readonly tagsJson: string | null;
  readonly downgradedFrom: string | null;
  readonly chargedNanoUsd: NanoUsd;
  readonly last: boolean;
}

type StoredAttempt = StoredMeasures & Pick<CountedAttempt, 'ts' | 'target_id' | 'status' | 'error_code'>;

/** Rows of table `attempt`, counted into the rollups as they are written. */
export class Attempts {
  written = false;
  readonly #sql;
  readonly #targets: Targets;
  readonly #rollups: Rollups;

  constructor(db: Database, targets: Targets, rollups: Rollups) {
    this.#sql = prepare(db);
    this.#targets = targets;
    this.#rollups = rollups;
  }

  begin(): void {
    this.written = false;
  }

  /** A row that is there already stays as it is. */
  add(row: AttemptValues, context: RowContext): void {
    const { target, ts, status, errorCode } = row;
    const targetId = this.#targets.idOf(target);
    const usageUnknown = row.usageUnknown ? 1 : 0;
    const last = context.last ? 1 : 0;
    const usageJson = row.usage === null ? null : usageJsonOf(row.usage);
    const { changes } = this.#sql.add.run(
      context.callId,
      row.attempt,
      context.traceId,
      row.ts,
      row.status,
      target?.provider ?? null,
      target?.profile ?? null,
      target?.endpoint ?? null,
      target?.region ?? null,
      target?.model ?? null,
      row.servedModel,
      context.downgradedFrom,
      row.requestId,
      usageJson,
      usageUnknown,
      row.usageSource,
      sqlIntegerOrNull(row.estimatedNanoUsd),
      sqlIntegerOrNull(row.actualNanoUsd),
      row.currency,
      row.fxRate,
      priceIds(row),
      row.ttftMs,
      row.totalMs,
      row.waitMs,
      row.retryMs,
      row.errorCode,
      row.errorMessage === null ? null : row.errorMessage.slice(0, maxErrorMessageLength),
      row.finishReason,
      context.tagsJson,
      row.httpStatus,
      row.rawFinishReason,
      targetId,
      row.lines.length === 0 ? null : JSON.stringify(row.lines),
      sqlInteger(context.chargedNanoUsd),
      last,
    );
    if (changes === 0) return;
    this.written = true;
    this.#rollups.add(
      { ts, targetId, status, errorCode },
      {
        attempt: row.attempt,
        usage: row.usage,
        usage_unknown: usageUnknown,
        cost_actual_nano: row.actualNanoUsd,
        charged_nano: context.chargedNanoUsd,
        ttft_ms: row.ttftMs,
        total_ms: row.totalMs,
        last,
      },
    );
  }

  /** Takes back the row an expiry wrote, when the truth arrives after all. */
  removeExpired(callId: string): void {
    const row = this.#sql.expired.get(callId) as StoredAttempt | undefined;
    if (row === undefined) return;
    this.#sql.removeExpired.run(callId);
    this.written = true;
    this.#rollups.add(rollupKeyOf(row), measuredOf(row), -1);
  }

  /** Where the last request of a call went; null when it made none. */
  lastTarget(callId: string): Target | null {
    return (this.#sql.lastTarget.get(callId) as Target | undefined) ?? null;
  }

  /** Adds a correction to the sums of the row that counts the call. False when the call has no row. */
  correct(callId: string, deltaNanoUsd: NanoUsd): boolean {
    const row = this.#sql.last.get(callId) as StoredAttempt | undefined;
    if (row === undefined) return false;
    this.#rollups.addCost(rollupKeyOf(row), deltaNanoUsd);
    return true;
  }
}

function priceIds({ lines }: AttemptValues): string | null {
  if (lines.length === 0) return null;
  return [...new Set(lines.map(([, , , priceId]) => priceId))].join(',');
}

function prepare(db: Database) {
  return {
    add: db.prepare(
      `INSERT INTO attempt (call_id, attempt, trace_id, ts, status, provider, profile, endpoint, region, model, served_model,
         downgraded_from, request_id, usage_json, usage_unknown, usage_source, cost_est_nano, cost_actual_nano, currency,
         fx_rate, price_ids, ttft_ms, total_ms, wait_ms, retry_ms, error_code, error_message, finish_reason, tags_json,
         http_status, raw_finish_reason, target_id, lines_json, charged_nano, last)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (call_id, attempt) DO NOTHING`,
    ),
    expired: db.prepare("SELECT * FROM attempt WHERE call_id = ? AND attempt = 0 AND status = 'expired'"),
    removeExpired: db.prepare("DELETE FROM attempt WHERE call_id = ? AND attempt = 0 AND status = 'expired'"),
    lastTarget: db.prepare(
      'SELECT provider, profile, endpoint, region, model FROM attempt WHERE call_id = ? AND last = 1 AND attempt > 0',
    ),
    last: db.prepare('SELECT * FROM attempt WHERE call_id = ? AND last = 1'),
  };
}
