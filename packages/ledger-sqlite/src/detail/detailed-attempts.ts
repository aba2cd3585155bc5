import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { measuredOf } from '../measure/measure.js';
import { type CountedAttempt, countedColumns } from '../measure/recount.js';
import { costsOf, type DetailedAttempt } from './kinds.js';

interface StoredAttempt extends CountedAttempt {
  readonly row_id: number;
  readonly lines_json: string | null;
  readonly tags_json: string | null;
  readonly delta_nano: NanoUsd | null;
}

export interface ReadAttempt extends DetailedAttempt {
  readonly row_id: number;
  readonly call_id: string;
  readonly attempt: number;
  readonly ts: number;
}

/** The corrections of a call are on the row that counts it, as in the rollups. */
const columns = `rowid AS row_id, ${countedColumns}, lines_json, tags_json, CASE WHEN last = 1 THEN
  (SELECT sum(amount_nano) FROM event WHERE event.call_id = attempt.call_id AND kind = 'correct') END AS delta_nano`;

/** Reads the attempts that fulfil a condition (and order, and limit) one by one. */
export function detailedAttempts(db: Database, condition: string): (...values: unknown[]) => Iterable<ReadAttempt> {
  const statement = db.prepare(`SELECT ${columns} FROM attempt WHERE ${condition}`);
  return function* read(...values) {
    for (const row of statement.iterate(...values) as IterableIterator<StoredAttempt>) yield detailed(row);
  };
}

function detailed(row: StoredAttempt): ReadAttempt {
  const { row_id, call_id, attempt, ts, target_id, status, error_code } = row;
  const stored = measuredOf(row);
  const measured = row.delta_nano === null ? stored : { ...stored, charged_nano: row.charged_nano + row.delta_nano };
  return {
    row_id,
    call_id,
    attempt,
    ts,
    target_id,
    status,
    error_code,
    measured,
    costs: costsOf(row.lines_json, measured.charged_nano),
    tags: row.tags_json === null ? {} : (JSON.parse(row.tags_json) as Record<string, string>),
  };
}
