import { noTag, type Report, type ReportGrouping, type ReportQuery, windowSpan } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { compactedUntil } from '../detail/compacted.js';
import { quarterMs, startOf } from '../detail/kinds.js';
import type { MeasureRow } from '../measure/measure.js';
import { measuredOf } from '../measure/measure.js';
import { type CountedAttempt, countedColumns } from '../measure/recount.js';
import { detailReport } from './report-details.js';
import { type KeyOf, type Place, ReportGroups } from './report-groups.js';
import { isTimeGrouping, piecesOf, windowsWithin } from './windows.js';

/** A stretch of time and the lines it is for. */
export interface Stretch {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly keyOf: KeyOf;
}

/**
 * The ledger's numbers, from the rollups; from the details where tags or the cost of units are asked for. Single attempts
 * are only read at odd edges. An attempt is counted when it began, a call with its last attempt, a correction with its call.
 */
export function report(db: Database, query: ReportQuery, ledgerTimezone: string, nowMs: number): Report {
  const timezone = query.timezone ?? ledgerTimezone;
  const sinceMs = query.sinceMs ?? windowSpan('day', timezone, nowMs).startMs;
  const untilMs = query.untilMs ?? nowMs + 1;
  // Nothing lies in the future: a report up to now takes the running slot whole.
  const endMs = query.untilMs ?? startOf(quarterMs, nowMs) + quarterMs;
  const by = query.by ?? 'model';
  const breakdown = query.breakdown === true;
  const groups = new ReportGroups(breakdown);
  // All windows of one report show the ledger at one moment.
  db.transaction(() => {
    const whole = wholeSlots(db);
    const stretches = stretchesOf(db, by, timezone, whole(sinceMs), whole(endMs));
    if (readsDetails(query)) detailReport(db, groups, by, stretches);
    else rollupReport(db, groups, stretches);
  })();
  const rows = groups.rows();
  rows.sort((left, right) => {
    const dearer = isTimeGrouping(by) ? 0 : right.costNanoUsd - left.costNanoUsd;
    return dearer === 0 ? (left.key < right.key ? -1 : 1) : dearer;
  });
  return { sinceMs, untilMs, timezone, by, rows, totals: groups.totalRow() };
}

/** Tags and the cost of units are in table `detail`, which is brought up to date before. */
export function readsDetails({ by = 'model', breakdown }: ReportQuery): boolean {
  return breakdown === true || by === 'unit' || by.startsWith('tag:');
}

/** Where the rows are gone there is nothing finer than a quarter hour: it counts where it begins. */
function wholeSlots(db: Database): (atMs: number) => number {
  const compactedMs = compactedUntil(db) ?? Number.NEGATIVE_INFINITY;
  return (atMs) => (atMs < compactedMs ? Math.ceil(atMs / quarterMs) * quarterMs : atMs);
}

function stretchesOf(
  db: Database,
  by: ReportGrouping,
  timezone: string,
  sinceMs: number,
  untilMs: number,
): readonly Stretch[] {
  if (!isTimeGrouping(by)) return [{ sinceMs, untilMs, keyOf: keysOf(db, by) }];
  return windowsWithin(by, timezone, sinceMs, untilMs).map((window) => ({ ...window, keyOf: () => window.key }));
}

/** Reads stretches of time into the groups that they name. */
function rollupReport(db: Database, groups: ReportGroups, stretches: readonly Stretch[]): void {
  const rollups = db.prepare('SELECT * FROM rollup WHERE span_min = ? AND slot_ms >= ? AND slot_ms < ?');
  const attempts = db.prepare(
    `SELECT ${countedColumns}, CASE WHEN last = 1 THEN (SELECT sum(amount_nano) FROM event
       WHERE event.call_id = attempt.call_id AND kind = 'correct') END AS delta_nano
     FROM attempt WHERE ts >= ? AND ts < ?`,
  );
  for (const stretch of stretches) {
    for (const { span, sinceMs, untilMs } of piecesOf(stretch.sinceMs, stretch.untilMs)) {
      if (span === null) {
        for (const row of attempts.iterate(sinceMs, untilMs) as IterableIterator<CountedAttempt & Corrected>) {
          const measured = measuredOf(row);
          const charged_nano = row.charged_nano + (row.delta_nano ?? 0);
          groups.addAttempt(stretch.keyOf(row), row.status, { ...measured, charged_nano });
        }
        continue;
      }
      for (const row of rollups.iterate(span, sinceMs, untilMs) as IterableIterator<Place & MeasureRow>) {
        groups.addRollup(stretch.keyOf(row), row.status, row);
      }
    }
  }
}

interface Corrected {
  /** What corrections have changed, on the row that counts the call, as in the rollups. */
  readonly delta_nano: number | null;
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
