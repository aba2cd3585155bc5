import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { sqlInteger, sqlIntegerOrNull } from '../database/sql-integer.js';
import { lastCharges } from '../read/last-charges.js';

export type EventKind = 'hold' | 'extend' | 'settle' | 'late_settle' | 'overrun' | 'expire' | 'resolve' | 'correct';

/** What happened, apart from time, kind and call. The columns of table `event` say what each means for which kind. */
export interface EventFields {
  readonly n?: number;
  readonly amountNanoUsd?: NanoUsd | null;
  readonly freedNanoUsd?: NanoUsd | null;
  readonly charges?: string | null;
  readonly strict?: boolean | null;
  readonly note?: string | null;
}

/** What only a hold records. */
export interface HoldFields {
  readonly amountNanoUsd: NanoUsd;
  readonly charges: string;
  readonly strict: boolean;
  readonly traceId: string;
  readonly targetId: number;
  readonly tagsJson: string | null;
  readonly usageJson: string;
  readonly idempotencyKey: string | null;
}

/** An event of one call, as it was written. */
export interface StoredEvent {
  readonly kind: EventKind;
  readonly n: number;
  readonly amount_nano: number | null;
  readonly freed_nano: number | null;
  readonly charges: string | null;
  readonly strict: number | null;
  readonly trace_id: string | null;
  readonly target_id: number | null;
  readonly tags_json: string | null;
  readonly usage_json: string | null;
}

/** The append-only log. Everything else about money can be computed from it. */
export class Events {
  /** Whether something was written since `begin`. */
  written = false;
  readonly #sql;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  begin(): void {
    this.written = false;
  }

  /** From now on its idempotency key is used, unless another call was quicker. False when the event is there already. */
  addHold(ts: number, callId: string, fields: HoldFields): boolean {
    const { amountNanoUsd, charges, strict, traceId, targetId, tagsJson, usageJson, idempotencyKey } = fields;
    const amount = sqlInteger(amountNanoUsd);
    const { changes } = this.#sql.addHold.run(
      ts,
      callId,
      amount,
      charges,
      strict ? 1 : 0,
      traceId,
      targetId,
      tagsJson,
      usageJson,
      idempotencyKey,
    );
    if (changes === 0) return false;
    this.written = true;
    if (idempotencyKey !== null) this.#sql.addKey.run(idempotencyKey, callId);
    return true;
  }

  add(ts: number, kind: Exclude<EventKind, 'hold'>, callId: string, fields: EventFields): void {
    const { n = 0, amountNanoUsd = null, freedNanoUsd = null, charges = null, strict = null, note = null } = fields;
    this.#sql.add.run(
      ts,
      kind,
      callId,
      n,
      sqlIntegerOrNull(amountNanoUsd),
      sqlIntegerOrNull(freedNanoUsd),
      charges,
      strict === null ? null : Number(strict),
      note,
    );
    this.written = true;
  }

  /** In the order in which they happened. */
  ofCall(callId: string): readonly StoredEvent[] {
    return this.#sql.ofCall.all(callId) as StoredEvent[];
  }

  holdOf(callId: string): StoredEvent | null {
    return (this.#sql.holdOf.get(callId) as StoredEvent | undefined) ?? null;
  }

  /** The windows a call is or was held against, with those that joined later. */
  chargesOf(callId: string): string {
    return (this.#sql.chargesOf.get(callId) as string | undefined) ?? '';
  }

  /** The sum of all corrections of a call. */
  correctionsOf(callId: string): NanoUsd {
    return this.#sql.corrections.get(callId) as number;
  }

  /** The number of the next repeatable event of a kind, counted from 1. */
  nextNumber(callId: string, kind: EventKind): number {
    return this.#sql.nextNumber.get(callId, kind) as number;
  }
}

function prepare(db: Database) {
  const fields = 'kind, n, amount_nano, freed_nano, charges, strict, trace_id, target_id, tags_json, usage_json';
  return {
    addHold: db.prepare(
      `INSERT INTO event (ts, kind, call_id, n, amount_nano, charges, strict, trace_id, target_id, tags_json, usage_json, idempotency_key)
       VALUES (?, 'hold', ?, 0, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_id, kind, n) DO NOTHING`,
    ),
    addKey: db.prepare('INSERT INTO idempotency (idempotency_key, call_id) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    add: db.prepare(
      'INSERT INTO event (ts, kind, call_id, n, amount_nano, freed_nano, charges, strict, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    ofCall: db.prepare(`SELECT ${fields} FROM event WHERE call_id = ? ORDER BY seq`),
    holdOf: db.prepare(`SELECT ${fields} FROM event WHERE call_id = ? AND kind = 'hold' AND n = 0`),
    chargesOf: db.prepare(lastCharges).pluck(),
    corrections: db
      .prepare("SELECT coalesce(sum(amount_nano), 0) FROM event WHERE call_id = ? AND kind = 'correct'")
      .pluck(),
    nextNumber: db.prepare('SELECT coalesce(max(n), 0) + 1 FROM event WHERE call_id = ? AND kind = ?').pluck(),
  };
}
