import type { VerifyResult } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import type { Measure, MeasureRow } from '../measure/measure.js';
import { recount } from '../measure/recount.js';
import { maxProblems, type Replay, replay } from '../measure/replay.js';
import { checkDetails } from './verify-details.js';

/** Checks that every projection equals its events. Reads the whole file in one snapshot. */
export function verify(db: Database): VerifyResult {
  return db.transaction(() => {
    const problems: string[] = [];
    const tell = (problem: string) => {
      if (problems.length < maxProblems) problems.push(problem);
    };
    for (const line of db.prepare('PRAGMA quick_check(10)').pluck().all() as string[])
      if (line !== 'ok') tell(`file: ${line}`);
    const truth = replay(db);
    for (const problem of truth.problems) tell(`event: ${problem}`);
    checkTotals(db, truth, tell);
    checkHolds(db, truth, tell);
    checkSettlements(db, tell);
    const attempts = checkRollups(db, tell);
    checkDetails(db, tell);
    return { ok: problems.length === 0, events: truth.events, attempts, openHolds: truth.holds.size, problems };
  })();
}

type Tell = (problem: string) => void;

function checkTotals(db: Database, { totals }: Replay, tell: Tell): void {
  const stored = new Set<string>();
  const rows = db.prepare('SELECT * FROM total').all() as {
    budget_id: number;
    window_start_ms: number;
    spent_nano: number;
    held_nano: number;
  }[];
  for (const row of rows) {
    const key = `${row.budget_id}:${row.window_start_ms}`;
    stored.add(key);
    const { spentNanoUsd, heldNanoUsd } = totals.get(key) ?? { spentNanoUsd: 0, heldNanoUsd: 0 };
    if (row.spent_nano !== spentNanoUsd) tell(`total ${key}: ${row.spent_nano} spent, events say ${spentNanoUsd}`);
    if (row.held_nano !== heldNanoUsd) tell(`total ${key}: ${row.held_nano} held, events say ${heldNanoUsd}`);
  }
  const known = new Set(db.prepare('SELECT budget_id FROM budget').pluck().all() as number[]);
  for (const [key, { spentNanoUsd, heldNanoUsd }] of totals) {
    if (!known.has(Number(key.split(':')[0]))) tell(`budget of total ${key} is missing`);
    if (!stored.has(key)) tell(`total ${key} is missing: events say ${spentNanoUsd} spent, ${heldNanoUsd} held`);
  }
}

function checkHolds(db: Database, { holds }: Replay, tell: Tell): void {
  const stored = new Set<string>();
  for (const row of db.prepare('SELECT call_id, amount_nano, charges FROM hold').all() as {
    call_id: string;
    amount_nano: number;
    charges: string;
  }[]) {
    stored.add(row.call_id);
    const hold = holds.get(row.call_id);
    if (hold === undefined) tell(`hold ${row.call_id} is open, events say it has ended`);
    else if (row.amount_nano !== hold.amountNanoUsd)
      tell(`hold ${row.call_id}: ${row.amount_nano}, events say ${hold.amountNanoUsd}`);
    else if (row.charges !== hold.charges)
      tell(`hold ${row.call_id} is held against ${row.charges}, events say ${hold.charges}`);
  }
  for (const callId of holds.keys()) if (!stored.has(callId)) tell(`hold ${callId} is missing`);
}

/** Every hold ends at most once, and the rows of a call carry together what it was charged. */
function checkSettlements(db: Database, tell: Tell): void {
  const twice = db
    .prepare(
      `SELECT call_id FROM event WHERE kind IN ('settle', 'expire', 'resolve') GROUP BY call_id HAVING count(*) > 1
       UNION SELECT call_id FROM event WHERE kind IN ('settle', 'late_settle') GROUP BY call_id HAVING count(*) > 1 LIMIT ?`,
    )
    .pluck()
    .all(maxProblems) as string[];
  for (const callId of twice) tell(`call ${callId} has ended more than once`);
  const unequal = db
    .prepare(
      `SELECT e.call_id, coalesce(e.amount_nano, 0) AS charged, (SELECT sum(charged_nano) FROM attempt AS a WHERE a.call_id = e.call_id) AS rows_nano
       FROM event AS e WHERE (e.kind IN ('settle', 'late_settle') OR (e.kind IN ('expire', 'resolve') AND NOT EXISTS
         (SELECT 1 FROM event AS late WHERE late.call_id = e.call_id AND late.kind = 'late_settle')))
         AND rows_nano IS NOT charged LIMIT ?`,
    )
    .all(maxProblems) as { call_id: string; charged: number; rows_nano: number | null }[];
  for (const { call_id, charged, rows_nano } of unequal)
    tell(`call ${call_id} was charged ${charged}, its rows say ${rows_nano ?? 'nothing'}`);
}

function checkRollups(db: Database, tell: Tell): number {
  const find = db.prepare(
    'SELECT * FROM rollup WHERE span_min = ? AND slot_ms = ? AND target_id = ? AND status = ? AND error_code = ?',
  );
  let found = 0;
  const attempts = recount(db, (place, measure) => {
    const row = find.get(...place) as MeasureRow | undefined;
    if (row !== undefined) found += 1;
    if (row === undefined) tell(`rollup ${place.join(' ')} is missing`);
    else if (!sameSums(row, measure)) tell(`rollup ${place.join(' ')} differs from its attempts`);
  });
  const stored = db.prepare('SELECT count(*) FROM rollup').pluck().get() as number;
  if (stored > found) tell(`${stored - found} rollups have no attempts`);
  return attempts;
}

function sameSums(row: MeasureRow, measure: Measure): boolean {
  const counted = measure.toRow();
  return (
    row.row_count === counted.row_count &&
    row.calls === counted.calls &&
    row.attempts === counted.attempts &&
    row.cost_nano === counted.cost_nano &&
    row.unpriced === counted.unpriced &&
    row.usage_unknown === counted.usage_unknown &&
    row.ttft_hist.equals(counted.ttft_hist) &&
    row.total_hist.equals(counted.total_hist) &&
    sameQuantities(JSON.parse(row.usage_json) as Record<string, number>, measure.quantities)
  );
}

/** Fractions (seconds of audio) may have been added in another order; a unit that was taken out again is 0. */
function sameQuantities(stored: Readonly<Record<string, number>>, counted: ReadonlyMap<string, number>): boolean {
  for (const unit of new Set([...Object.keys(stored), ...counted.keys()])) {
    const left = stored[unit] ?? 0;
    const right = counted.get(unit) ?? 0;
    if (Math.abs(left - right) > 1e-6 * Math.max(1, Math.abs(left))) return false;
  }
  return true;
}
