import type { Migration } from './migration.js';

/**
 * Money is integer nano-USD (1e-9 USD), times are epoch milliseconds. Events are only ever added; `total`, `hold`,
 * `idempotency` and `rollup` are projections of events and attempts and can be computed anew. The comments inside are
 * kept by SQLite and greet whoever opens the file.
 */
const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

CREATE TABLE target (
  target_id INTEGER PRIMARY KEY,
  provider TEXT NOT NULL, profile TEXT NOT NULL, endpoint TEXT NOT NULL, region TEXT NOT NULL, model TEXT NOT NULL,
  UNIQUE (provider, profile, endpoint, region, model)
) STRICT;

CREATE TABLE budget (
  budget_id INTEGER PRIMARY KEY,
  -- what is counted together; timezone is '' for windows that never reset
  scope TEXT NOT NULL, period TEXT NOT NULL, timezone TEXT NOT NULL,
  -- how it was configured when it was last used: for display, never for decisions
  name TEXT NOT NULL, limit_nano INTEGER NOT NULL, mode TEXT NOT NULL, shadow INTEGER NOT NULL, origin TEXT NOT NULL,
  UNIQUE (scope, period, timezone)
) STRICT;

CREATE TABLE total (
  budget_id INTEGER NOT NULL,
  window_start_ms INTEGER NOT NULL, -- 0 for windows that never reset
  spent_nano INTEGER NOT NULL,
  held_nano INTEGER NOT NULL CHECK (held_nano >= 0),
  warned REAL NOT NULL,             -- the highest amount in nano-USD that was warned about, 0 for none
  PRIMARY KEY (budget_id, window_start_ms)
) WITHOUT ROWID, STRICT;

CREATE TABLE hold ( -- open holds only
  call_id TEXT PRIMARY KEY,
  amount_nano INTEGER NOT NULL,
  charges TEXT NOT NULL,            -- what it is held against: "budget_id:window_start_ms,…"
  strict INTEGER NOT NULL,
  owner TEXT NOT NULL,              -- the process that renews the lease
  lease_ms INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX hold_expiry ON hold (expires_at_ms);

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  ts INTEGER NOT NULL,
  kind TEXT NOT NULL,               -- hold extend settle late_settle overrun expire resolve correct
  call_id TEXT NOT NULL,
  n INTEGER NOT NULL,               -- counts repeatable kinds (extend, resolve, correct) from 1, else 0
  -- hold, extend: the whole amount held; settle, late_settle, expire, resolve: what was charged (NULL: unknown, nothing);
  -- overrun: how far the cost passed the hold; correct: the difference
  amount_nano INTEGER,
  -- settle, expire, resolve: the hold that ended; late_settle: the charge it replaces
  freed_nano INTEGER,
  -- hold; one of 0 stands before the settlement of a call whose hold was never recorded. charges of an extend: all windows
  -- after it; of settle, late_settle, correct: what each window was charged ("key=nano,…") where that is not the same for all
  charges TEXT, strict INTEGER, trace_id TEXT, target_id INTEGER, tags_json TEXT, usage_json TEXT, idempotency_key TEXT,
  note TEXT                         -- settle: status; correct: reason; resolve: spent or released
) STRICT;
CREATE UNIQUE INDEX event_call ON event (call_id, kind, n);
CREATE INDEX event_correction ON event (call_id) WHERE kind = 'correct';

CREATE TABLE idempotency (idempotency_key TEXT PRIMARY KEY, call_id TEXT NOT NULL) WITHOUT ROWID, STRICT;

CREATE TABLE attempt ( -- one row per physical request; attempt 0: a call without any, or whose process died
  call_id TEXT NOT NULL, attempt INTEGER NOT NULL, trace_id TEXT, ts INTEGER NOT NULL, -- when it began
  status TEXT NOT NULL,             -- ok failed cancelled blocked expired
  provider TEXT, profile TEXT, endpoint TEXT, region TEXT, model TEXT, served_model TEXT, downgraded_from TEXT,
  request_id TEXT,
  usage_json TEXT, usage_unknown INTEGER NOT NULL, usage_source TEXT,
  cost_est_nano INTEGER, cost_actual_nano INTEGER, currency TEXT, fx_rate REAL, price_ids TEXT,
  ttft_ms INTEGER, total_ms INTEGER, wait_ms INTEGER, retry_ms INTEGER,
  error_code TEXT, error_message TEXT, finish_reason TEXT, tags_json TEXT,
  http_status INTEGER, raw_finish_reason TEXT, target_id INTEGER NOT NULL,
  lines_json TEXT,                  -- [[unit, quantity, nano, price_id], …]
  charged_nano INTEGER NOT NULL,    -- the part of the call's settlement on this row; their sum is what budgets were charged
  last INTEGER NOT NULL             -- 1 on the one row that counts the call
) STRICT;
CREATE UNIQUE INDEX attempt_call ON attempt (call_id, attempt);
CREATE INDEX attempt_ts ON attempt (ts);

CREATE TABLE rollup ( -- sums of attempts and corrections by slot of UTC time, target, status and error
  span_min INTEGER NOT NULL,        -- 15 or 60
  slot_ms INTEGER NOT NULL, target_id INTEGER NOT NULL, status TEXT NOT NULL, error_code TEXT NOT NULL,
  row_count INTEGER NOT NULL, calls INTEGER NOT NULL, attempts INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL, unpriced INTEGER NOT NULL, usage_unknown INTEGER NOT NULL,
  usage_json TEXT NOT NULL,
  ttft_hist BLOB NOT NULL, total_hist BLOB NOT NULL, -- pairs of (bucket u16, count u32), little endian
  PRIMARY KEY (span_min, slot_ms, target_id, status, error_code)
) WITHOUT ROWID, STRICT;

CREATE TABLE health (
  key TEXT PRIMARY KEY, state TEXT NOT NULL, until_ms INTEGER, latency_ms REAL, updated_at_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
`;

export const initial: Migration = { version: 1, up: (db) => void db.exec(tables) };
