import { sqlInteger } from '../database/sql-integer.js';
import { forgetDetails } from '../detail/mark.js';
import { recount } from '../measure/recount.js';
import { type Replay, replay } from '../measure/replay.js';
import type { Books } from './books.js';

/** A hold whose row was lost has no owner who renews it: it ends after this, unless its call is settled. */
const lostHoldLeaseMs = 60_000;

/** Computes every projection anew from events and attempts. Whether a threshold was warned about is kept. */
export function rebuild(books: Books, nowMs: number): null {
  const { db, rollups, totals } = books;
  totals.flush();
  const truth = replay(db);
  rebuildTotals(books, truth);
  rebuildHolds(books, truth, nowMs);
  db.exec(`DELETE FROM idempotency;
    INSERT OR IGNORE INTO idempotency (idempotency_key, call_id)
      SELECT idempotency_key, call_id FROM event WHERE kind = 'hold' AND idempotency_key IS NOT NULL ORDER BY seq`);
  rollups.clear();
  recount(db, (place, measure) => rollups.write(place, measure));
  // The next report that asks for them folds them anew.
  forgetDetails(db);
  // What was read before is void now.
  totals.begin();
  books.touched = true;
  return null;
}

function rebuildTotals({ db }: Books, { totals }: Replay): void {
  const warned = db.prepare('SELECT warned FROM total WHERE budget_id = ? AND window_start_ms = ?').pluck();
  const rows = [...totals].map(([key, total]) => {
    const [budgetId, startMs] = key.split(':').map(Number) as [number, number];
    return { budgetId, startMs, ...total, warned: (warned.get(budgetId, startMs) as number | undefined) ?? 0 };
  });
  db.exec('DELETE FROM total');
  const insert = db.prepare(
    'INSERT INTO total (budget_id, window_start_ms, spent_nano, held_nano, warned) VALUES (?, ?, ?, ?, ?)',
  );
  for (const row of rows)
    insert.run(row.budgetId, row.startMs, sqlInteger(row.spentNanoUsd), sqlInteger(row.heldNanoUsd), row.warned);
}

/** A hold that was given up has no owner, and stays without consequence when it expires. */
function rebuildHolds({ db }: Books, { holds }: Replay, nowMs: number): void {
  const known = db.prepare('SELECT call_id FROM hold').pluck().all() as string[];
  const remove = db.prepare('DELETE FROM hold WHERE call_id = ?');
  for (const callId of known) if (!holds.has(callId)) remove.run(callId);
  const write = db.prepare(
    `INSERT INTO hold (call_id, amount_nano, charges, strict, owner, lease_ms, created_at_ms, expires_at_ms)
     VALUES (?, ?, ?, ?, '', ?, ?, ?)
     ON CONFLICT DO UPDATE SET amount_nano = excluded.amount_nano, charges = excluded.charges,
       strict = CASE owner WHEN '' THEN strict ELSE excluded.strict END`,
  );
  for (const [callId, { amountNanoUsd, charges, strict, createdAtMs }] of holds) {
    write.run(
      callId,
      sqlInteger(amountNanoUsd),
      charges,
      strict ? 1 : 0,
      lostHoldLeaseMs,
      createdAtMs,
      nowMs + lostHoldLeaseMs,
    );
  }
}
