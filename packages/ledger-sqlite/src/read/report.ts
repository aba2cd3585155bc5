import { noTag, type Report, type ReportGrouping, type ReportQuery, windowSpan } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import type { MeasureRow } from '../measure/measure.js';
import { spanMsOf } from '../measure/slot.js';
import { attemptReader } from './report-attempts.js';
import { type KeyOf, type Place, ReportGroups } from './report-groups.js';
import { isTimeGrouping, type Piece, piecesOf, windowsWithin } from './windows.js';

/**
 * The ledger's numbers, from the rollups; single attempts are only read at odd edges, and for what rollups do not know:
 * tags and the cost of units. An attempt is counted when it began, a call with its last attempt, a correction with its call.
 */
export function report(db: Database, query: ReportQuery, ledgerTimezone: string, nowMs: number): Report {
  const timezone = query.timezone ?? ledgerTimezone;
  const sinceMs = query.sinceMs ?? windowSpan('day', timezone, nowMs).startMs;
  const untilMs = query.untilMs ?? nowMs + 1;
  // Nothing lies in the future: a report up to now takes the running slot whole.
  const endMs = query.untilMs ?? Math.ceil((nowMs + 1) / spanMsOf(15)) * spanMsOf(15);
  const by = query.by ?? 'model';
  const breakdown = query.breakdown === true;
  const groups = new ReportGroups(breakdown);
  const read = pieceReader(db, groups, by, breakdown);
  // All windows of one report show the ledger at one moment.
  db.transaction(() => {
    if (isTimeGrouping(by)) {
      for (const window of windowsWithin(by, timezone, sinceMs, endMs)) {
        read(window.sinceMs, window.untilMs, () => window.key);
      }
    } else {
      read(sinceMs, endMs, keysOf(db, by));
    }
  })();
  const rows = groups.rows();
  rows.sort((left, right) => {
    const dearer = isTimeGrouping(by) ? 0 : right.costNanoUsd - left.costNanoUsd;
    return dearer === 0 ? (left.key < right.key ? -1 : 1) : dearer;
  });
  return { sinceMs, untilMs, timezone, by, rows, totals: groups.total() };
}

/** Reads a stretch of time into the groups that `keyOf` names. */
function pieceReader(db: Database, groups: ReportGroups, by: ReportGrouping, breakdown: boolean) {
  const rollups = db.prepare('SELECT * FROM rollup WHERE span_min = ? AND slot_ms >= ? AND slot_ms < ?');
  const attempts = attemptReader(db, groups, by, breakdown);
  const single = breakdown || by === 'unit' || by.startsWith('tag:');
  return (fromMs: number, toMs: number, keyOf: KeyOf): void => {
    const pieces: readonly Piece[] = single ? [{ span: null, sinceMs: fromMs, untilMs: toMs }] : piecesOf(fromMs, toMs);
    for (const { span, sinceMs, untilMs } of pieces) {
      if (span === null) {
        attempts(sinceMs, untilMs, keyOf);
        continue;
      }
      for (const row of rollups.iterate(span, sinceMs, untilMs) as IterableIterator<Place & MeasureRow>) {
        groups.addRollup(keyOf(row), row.status, row);
      }
    }
  };
}

interface TargetRow {
  readonly target_id: number;
  readonly provider: string;
  readonly endpoint: string;
  readonly model: string;
}

function keysOf(db: Database, by: ReportGrouping): KeyOf {
  if (by === 'status') return ({ status }) => status;
  if (by === 'error') return ({ error_code }) => (error_code === null || error_code === '' ? noTag : error_code);
  if (by.startsWith('tag:')) return ({ tag }) => tag ?? noTag;
  const names = new Map<number, string>();
  for (const target of db.prepare('SELECT target_id, provider, endpoint, model FROM target').all() as TargetRow[]) {
    if (target.provider !== '') names.set(target.target_id, nameOf(target, by));
  }
  return ({ target_id }) => names.get(target_id ?? -1) ?? noTag;
}

function nameOf({ provider, endpoint, model }: TargetRow, by: ReportGrouping): string {
  if (by === 'provider') return provider;
  return by === 'endpoint' ? `${provider}/${endpoint}` : model;
}
