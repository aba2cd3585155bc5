// The same rows written by plain statements on a connection of their own: what SQLite itself can do on this disk.
import { createRequire } from 'node:module';
import { budgets, holdRequest, nextCallId, settlement, target } from './calls.mjs';
import { openLedger } from './open.mjs';

const Database = createRequire(import.meta.url)('better-sqlite3');

/** A file made by the ledger itself, so that schema and indices are the same. */
export async function rawLedger(path, count) {
  const ledger = openLedger(path);
  const callId = nextCallId();
  await ledger.hold(holdRequest(callId, budgets(count)));
  await ledger.settle(callId, settlement(callId));
  await ledger.close();
  const db = new Database(path);
  db.pragma('synchronous = FULL');
  const totals = db.prepare('SELECT budget_id, window_start_ms FROM total').all();
  const charges = totals.map((total) => `${total.budget_id}:${total.window_start_ms}`).join(',');
  return { db, ...statements(db), totals, charges };
}

function statements(db) {
  return {
    readTotal: db.prepare('SELECT * FROM total WHERE budget_id = ? AND window_start_ms = ?'),
    writeTotal: db.prepare(
      'UPDATE total SET spent_nano = spent_nano + ?, held_nano = held_nano + ? WHERE budget_id = ? AND window_start_ms = ?',
    ),
    event: db.prepare(
      `INSERT INTO event (ts, kind, call_id, n, amount_nano, freed_nano, charges, strict, trace_id, target_id, tags_json, usage_json, note)
       VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    hold: db.prepare(
      'INSERT INTO hold (call_id, amount_nano, charges, strict, owner, lease_ms, created_at_ms, expires_at_ms) VALUES (?, ?, ?, 1, ?, 60000, ?, ?)',
    ),
    unhold: db.prepare('DELETE FROM hold WHERE call_id = ? RETURNING amount_nano, charges'),
    attempt: db.prepare(
      `INSERT INTO attempt (call_id, attempt, trace_id, ts, status, provider, profile, endpoint, region, model, served_model, request_id,
         usage_json, usage_unknown, usage_source, cost_est_nano, cost_actual_nano, price_ids, ttft_ms, total_ms, wait_ms, retry_ms,
         finish_reason, tags_json, http_status, raw_finish_reason, target_id,
         lines_json, charged_nano, last)
       VALUES (?, 1, ?, ?, 'ok', ?, ?, ?, ?, ?, ?, ?, ?, 0, 'provider', ?, ?, ?, 310, 1840, 0, 0, 'stop', ?, 200, 'stop', 1, ?, ?, 1)`,
    ),
  };
}

export const rawHold = (raw, callId) => {
  const now = Date.now();
  for (const total of raw.totals) raw.readTotal.get(total.budget_id, total.window_start_ms);
  raw.event.run(
    now,
    'hold',
    callId,
    10_000_000,
    null,
    raw.charges,
    1,
    `trace-${callId}`,
    1,
    '{"user":"alice"}',
    '{"input_token":1200,"output_token":800}',
    null,
  );
  raw.hold.run(callId, 10_000_000, raw.charges, 'bench', now, now + 60_000);
};

export const rawSettle = (raw, callId) => {
  const now = Date.now();
  raw.unhold.get(callId);
  raw.event.run(now, 'settle', callId, 3_500_000, 10_000_000, null, null, null, null, null, null, 'ok');
  const { provider, profile, endpoint, region, model } = target;
  const lines =
    '[["input_token",1187,1400000,"qwen-plus/2026-09/input"],["output_token",412,2100000,"qwen-plus/2026-09/output"]]';
  raw.attempt.run(
    callId,
    `trace-${callId}`,
    now,
    provider,
    profile,
    endpoint,
    region,
    model,
    'qwen-plus-2026-07-28',
    'c3f1b2a4-6f7e-9a1b-8c2d-1e5f6a7b8c9d',
    '{"input_token":1187,"output_token":412}',
    5_200_000,
    3_500_000,
    'qwen-plus/2026-09/input,qwen-plus/2026-09/output',
    '{"user":"alice"}',
    lines,
    3_500_000,
  );
};

/** Each touched total is written once per transaction. */
export const rawTotals = (raw, spent, held) => {
  for (const total of raw.totals) raw.writeTotal.run(spent, held, total.budget_id, total.window_start_ms);
};

/** `count` operations, `perTransaction` of them in each; returns operations per second. */
export function rawRate(raw, count, perTransaction, act) {
  const startedAt = performance.now();
  for (let done = 0; done < count; done += perTransaction) {
    raw.db.exec('BEGIN IMMEDIATE');
    for (let index = 0; index < perTransaction; index++) act(raw, nextCallId());
    raw.db.exec('COMMIT');
  }
  return (count / (performance.now() - startedAt)) * 1000;
}
