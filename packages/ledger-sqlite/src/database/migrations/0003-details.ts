import type { Migration } from './migration.js';

/** Sums that reports ask for by tag, by unit and with the cost of units, and what is kept of calls that were compacted away. */
const tables = `
CREATE TABLE detail ( -- projections of attempts, corrections and archive; up to date as far as meta.detail_mark says
  span_min INTEGER NOT NULL,        -- 15 or 1440
  slot_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,               -- target (by "target_id status error"), unit, tag:KEY
  cells TEXT,                       -- {key: sums}; of a day: NULL before it was added up, '' when there are too many keys
  PRIMARY KEY (span_min, slot_ms, kind)
) STRICT;
CREATE INDEX detail_open ON detail (slot_ms) WHERE cells IS NULL;

CREATE TABLE archive ( -- sums of the quarter hours of calls whose rows are gone, as in detail; never computed anew
  slot_ms INTEGER NOT NULL, kind TEXT NOT NULL, cells TEXT NOT NULL,
  PRIMARY KEY (slot_ms, kind)
) STRICT;

CREATE TABLE archive_total ( -- what these calls spent
  budget_id INTEGER NOT NULL, window_start_ms INTEGER NOT NULL, spent_nano INTEGER NOT NULL,
  PRIMARY KEY (budget_id, window_start_ms)
) WITHOUT ROWID, STRICT;
`;

/** Nothing is folded and nothing archived: empty tables say it. */
const emptyTables = tables
  .replaceAll('CREATE TABLE ', 'CREATE TEMP TABLE ')
  .replace('CREATE INDEX ', 'CREATE INDEX temp.');

export const details: Migration = {
  version: 3,
  up: (db) => void db.exec(tables),
  forReading: (db) => void db.exec(emptyTables),
};
