import { type NanoUsd, type Report, type ReportGrouping, type ReportQuery, windowSpan } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { type MeasuredAttempt, type MeasureRow, measuredOf } from '../measure/measure.js';
import { type CountedAttempt, countedColumns } from '../measure/recount.js';
import { spanMsOf } from '../measure/slot.js';
import { ReportGroups } from './report-groups.js';
import { isTimeGrouping, type Piece, piecesOf, windowsWithin } from './windows.js';

/** Where a sum belongs: what a report can be grouped by, apart from time and tags. */
interface Place {
  readonly target_id: number | null;
  readonly status: string;
  readonly error_code: string | null;
}

const none = '(none)';

/**
 * The ledger's numbers, from the rollups; single attempts are only read at odd edges and for tags. An attempt is counted
 * when it began, a call with its last attempt, a correction with its call.
 */
export function report(db: Database, query: ReportQuery, ledgerTimezone: string, nowMs: number): Report {
  const timezone = query.timezone ?? ledgerTimezone;
  const sinceMs = query.sinceMs ?? windowSpan('day', timezone, nowMs).startMs;
  const untilMs = query.untilMs ?? nowMs + 1;
  // Nothing lies in the future: a report up to now takes the running slot whole.
  const endMs = query.untilMs ?? Math.ceil((nowMs + 1) / spanMsOf(15)) * spanMsOf(15);
  const by = query.by ?? 'model';
  const groups = new ReportGroups();
  const read = pieceReader(db, groups);
  if (isTimeGrouping(by)) {
    for (const window of windowsWithin(by, timezone, sinceMs, endMs)) {
      read(piecesOf(window.sinceMs, window.untilMs), () => window.key);
    }
  } else if (by.startsWith('tag:')) {
    readTags(db, by.slice('tag:'.length), sinceMs, endMs, groups);
  } else {
    read(piecesOf(sinceMs, endMs), keysOf(db, by));
  }
  const rows = groups.rows();
  rows.sort((left, right) =>
    isTimeGrouping(by) ? (left.key < right.key ? -1 : 1) : right.costNanoUsd - left.costNanoUsd,
  );
  return { sinceMs, untilMs, timezone, by, rows, totals: groups.total() };
}

/** Reads pieces of time into the groups that `keyOf` names. */
function pieceReader(db: Database, groups: ReportGroups) {
  const rollups = db.prepare('SELECT * FROM rollup WHERE span_min = ? AND slot_ms >= ? AND slot_ms < ?');
  const attempts = db.prepare(`SELECT ${countedColumns}, ${correctedColumn} FROM attempt WHERE ts >= ? AND ts < ?`);
  return (pieces: readonly Piece[], keyOf: (place: Place) => string): void => {
    for (const { span, sinceMs, untilMs } of pieces) {
      if (span === null) {
        for (const row of attempts.iterate(sinceMs, untilMs) as IterableIterator<CorrectedAttempt>) {
          groups.addAttempt(keyOf(row), row.status, corrected(row));
        }
      } else {
        for (const row of rollups.iterate(span, sinceMs, untilMs) as IterableIterator<Place & MeasureRow>) {
          groups.addRollup(keyOf(row), row.status, row);
        }
      }
    }
  };
}

function readTags(db: Database, tag: string, sinceMs: number, untilMs: number, groups: ReportGroups): void {
  const rows = db
    .prepare(
      `SELECT ${countedColumns}, ${correctedColumn}, (SELECT value FROM json_each(tags_json) WHERE key = ?) AS tag
       FROM attempt WHERE ts >= ? AND ts < ?`,
    )
    .iterate(tag, sinceMs, untilMs);
  for (const row of rows as IterableIterator<CorrectedAttempt & { readonly tag: string | null }>) {
    groups.addAttempt(row.tag ?? none, row.status, corrected(row));
  }
}

/** The corrections of a call are on the row that counts it, as in the rollups. */
const correctedColumn = `CASE WHEN last = 1 THEN
  (SELECT sum(amount_nano) FROM event WHERE event.call_id = attempt.call_id AND kind = 'correct') END AS delta_nano`;

type CorrectedAttempt = CountedAttempt & { readonly delta_nano: NanoUsd | null };

function corrected(row: CorrectedAttempt): MeasuredAttempt {
  const measured = measuredOf(row);
  return row.delta_nano === null ? measured : { ...measured, charged_nano: row.charged_nano + row.delta_nano };
}

interface TargetRow {
  readonly target_id: number;
  readonly provider: string;
  readonly endpoint: string;
  readonly model: string;
}

function keysOf(db: Database, by: ReportGrouping): (place: Place) => string {
  if (by === 'status') return ({ status }) => status;
  if (by === 'error') return ({ error_code }) => (error_code === null || error_code === '' ? none : error_code);
  const names = new Map<number, string>();
  for (const target of db.prepare('SELECT target_id, provider, endpoint, model FROM target').all() as TargetRow[]) {
    if (target.provider !== '') names.set(target.target_id, nameOf(target, by));
  }
  return ({ target_id }) => names.get(target_id ?? -1) ?? none;
}

function nameOf({ provider, endpoint, model }: TargetRow, by: ReportGrouping): string {
  if (by === 'provider') return provider;
  return by === 'endpoint' ? `${provider}/${endpoint}` : model;
}
