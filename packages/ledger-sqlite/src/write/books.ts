import type { Database } from 'better-sqlite3';
import { Attempts } from './attempts.js';
import { Events } from './events.js';
import { Rollups } from './rollups.js';
import { Targets } from './targets.js';
import { Totals } from './totals.js';

/** Everything a command may read and write of an open ledger file. Lives as long as the connection. */
export class Books {
  readonly db: Database;
  readonly totals: Totals;
  readonly targets: Targets;
  readonly rollups: Rollups;
  readonly events: Events;
  readonly attempts: Attempts;
  /** Set by commands that write something else than an event or a row. */
  touched = false;

  constructor(db: Database) {
    this.db = db;
    this.totals = new Totals(db);
    this.targets = new Targets(db);
    this.rollups = new Rollups(db);
    this.events = new Events(db);
    this.attempts = new Attempts(db, this.targets, this.rollups);
  }

  /** Whether anything was written since `begin`. */
  get changed(): boolean {
    return this.events.written || this.attempts.written || this.touched;
  }

  begin(): void {
    this.touched = false;
    this.totals.begin();
    this.rollups.begin();
    this.events.begin();
    this.attempts.begin();
  }

  /** Writes what was only changed in memory. */
  flush(): void {
    if (!this.changed) return;
    this.totals.flush();
    this.rollups.flush();
  }

  /** After a rollback. */
  discard(): void {
    this.totals.discard();
    this.targets.discard();
    this.begin();
  }
}
