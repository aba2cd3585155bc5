import type { Migration } from './migration.js';

/**
 * What is used of the rate limits of targets. Times are epoch milliseconds. Nothing here is worth keeping for longer than
 * the windows last: a lost row lets at most one request too many go.
 */
const tables = `
CREATE TABLE rate_target (
  target_id INTEGER PRIMARY KEY,
  rev INTEGER NOT NULL,             -- counts the changes below: who has seen this one has seen them all
  closed_until_ms INTEGER NOT NULL  -- nobody goes before, after a 429 of the provider
) STRICT;

CREATE TABLE rate_entry ( -- changes of the last minute, and who waits; of several rows of a ref the newest counts
  target_id INTEGER NOT NULL, rev INTEGER NOT NULL,
  ref INTEGER NOT NULL,             -- the rev with which the request appeared; its place in the line
  state INTEGER NOT NULL,           -- 0 waiting, 1 let go, 2 gave up
  at_ms INTEGER NOT NULL,           -- when it was let go, gave up, or began to wait
  requests INTEGER NOT NULL, tokens INTEGER NOT NULL,
  -- of those who wait: the process that lets them go, its name for them, until when they wait, and their limits
  owner TEXT, ticket INTEGER, deadline_ms INTEGER, limits_json TEXT,
  PRIMARY KEY (target_id, rev)
) WITHOUT ROWID, STRICT;
CREATE INDEX rate_waiting ON rate_entry (owner) WHERE state = 0;

CREATE TABLE rate_day ( -- requests per calendar day
  target_id INTEGER NOT NULL, timezone TEXT NOT NULL, day_start_ms INTEGER NOT NULL, requests INTEGER NOT NULL,
  PRIMARY KEY (target_id, timezone, day_start_ms)
) WITHOUT ROWID, STRICT;

CREATE TABLE rate_slot ( -- requests in flight, by process
  target_id INTEGER NOT NULL, owner TEXT NOT NULL, taken INTEGER NOT NULL,
  PRIMARY KEY (target_id, owner)
) WITHOUT ROWID, STRICT;

CREATE TABLE rate_owner ( -- processes that wait or have requests in flight; past its time one counts as dead
  owner TEXT PRIMARY KEY, until_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
`;

export const rateLimits: Migration = { version: 2, up: (db) => void db.exec(tables) };
