import type { TargetLimitsOptions } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { Rates } from '../limiter/rates.js';
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
  readonly rates: Rates;
  /** Set by commands that write something else than an event or a row. */
  touched = false;

  /** `owner` names this process in the lines of rate limits. */
  constructor(db: Database, owner = '', rates: TargetLimitsOptions = {}) {
    this.db = db;
    this.totals = new Totals(db);
    this.targets = new Targets(db);
    this.rollups = new Rollups(db);
    this.events = new Events(db);
    this.attempts = new Attempts(db, this.targets, this.rollups);
    this.rates = new Rates(db, this.targets, owner, rates);
  }

  /** Whether anything was written since `begin`. */
  get changed(): boolean {
    return this.events.written || this.attempts.written || this.rates.written || this.touched;
  }

  begin(): void {
    this.#reset();
    this.rates.begin();
  }

  /** Writes what was only changed in memory. */
  flush(): void {
    this.rates.flush();
    if (!this.changed) return;
    this.totals.flush();
    this.rollups.flush();
  }

  /** After a rollback, of everything or of one command. */
  discard(): void {
    this.totals.discard();
    this.targets.discard();
    this.rates.discard();
    this.#reset();
  }

  #reset(): void {
    this.touched = false;
    this.totals.begin();
    this.rollups.begin();
    this.events.begin();
    this.attempts.begin();
  }
}
