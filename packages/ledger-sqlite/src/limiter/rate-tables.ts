import type { Database } from 'better-sqlite3';
import { clockSlackMs } from '../clock-slack.js';

/** `rate_entry.state` */
export const entryState = { waiting: 0, admitted: 1, gone: 2 } as const;

export interface EntryRow {
  readonly rev: number;
  readonly ref: number;
  readonly state: number;
  readonly at_ms: number;
  readonly requests: number;
  readonly tokens: number;
  readonly owner: string | null;
  readonly ticket: number | null;
  readonly deadline_ms: number | null;
  readonly limits_json: string | null;
}

export interface SlotRow {
  readonly owner: string;
  readonly taken: number;
}

export interface DayRow {
  readonly timezone: string;
  readonly day_start_ms: number;
  readonly requests: number;
}

/** The statements that read what is used of the limits. */
export class RateReading {
  readonly #sql;

  constructor(db: Database) {
    this.#sql = {
      target: db.prepare('SELECT rev, closed_until_ms FROM rate_target WHERE target_id = ?').raw(),
      entries: db.prepare(
        `SELECT rev, ref, state, at_ms, requests, tokens, owner, ticket, deadline_ms, limits_json
         FROM rate_entry WHERE target_id = ? AND rev > ? ORDER BY rev`,
      ),
      slots: db.prepare('SELECT owner, taken FROM rate_slot WHERE target_id = ?'),
      days: db.prepare('SELECT timezone, day_start_ms, requests FROM rate_day WHERE target_id = ?'),
      owners: db.prepare('SELECT owner FROM rate_owner WHERE until_ms > ?').pluck(),
    };
  }

  /** rev and closed_until_ms; undefined when nothing was ever written about the target. */
  target(targetId: number): readonly [rev: number, closedUntilMs: number] | undefined {
    return this.#sql.target.get(targetId) as [number, number] | undefined;
  }

  /** What has changed after `rev`. */
  entries(targetId: number, rev: number): readonly EntryRow[] {
    return this.#sql.entries.all(targetId, rev) as EntryRow[];
  }

  slots(targetId: number): readonly SlotRow[] {
    return this.#sql.slots.all(targetId) as SlotRow[];
  }

  days(targetId: number): readonly DayRow[] {
    return this.#sql.days.all(targetId) as DayRow[];
  }

  livingOwners(nowMs: number): ReadonlySet<string> {
    return new Set(this.#sql.owners.all(nowMs) as string[]);
  }
}

/** The statements that change it. */
export class RateWriting extends RateReading {
  readonly #sql;

  constructor(db: Database) {
    super(db);
    this.#sql = {
      target: db.prepare(
        `INSERT INTO rate_target (target_id, rev, closed_until_ms) VALUES (?, ?, ?)
         ON CONFLICT (target_id) DO UPDATE SET rev = excluded.rev, closed_until_ms = excluded.closed_until_ms`,
      ),
      entry: db.prepare(
        'INSERT INTO rate_entry (target_id, rev, ref, state, at_ms, requests, tokens) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      wait: db.prepare(
        `INSERT INTO rate_entry (target_id, rev, ref, state, at_ms, requests, tokens, owner, ticket, deadline_ms, limits_json)
         VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      waitEnds: db.prepare('DELETE FROM rate_entry WHERE target_id = ? AND rev = ?'),
      purge: db.prepare('DELETE FROM rate_entry WHERE target_id = ? AND at_ms <= ? AND state <> 0'),
      day: db.prepare(
        `INSERT INTO rate_day (target_id, timezone, day_start_ms, requests) VALUES (?, ?, ?, ?)
         ON CONFLICT (target_id, timezone, day_start_ms) DO UPDATE SET requests = excluded.requests`,
      ),
      purgeDays: db.prepare('DELETE FROM rate_day WHERE target_id = ? AND day_start_ms < ?'),
      slot: db.prepare(
        `INSERT INTO rate_slot (target_id, owner, taken) VALUES (?, ?, ?)
         ON CONFLICT (target_id, owner) DO UPDATE SET taken = excluded.taken`,
      ),
      freeSlot: db.prepare('DELETE FROM rate_slot WHERE target_id = ? AND owner = ?'),
      owner: db.prepare(
        'INSERT INTO rate_owner (owner, until_ms) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET until_ms = excluded.until_ms',
      ),
      forgetOwner: db.prepare('DELETE FROM rate_owner WHERE owner = ?'),
      ownersNotAhead: db.prepare('UPDATE rate_owner SET until_ms = ? WHERE until_ms > ?'),
      entriesNotAhead: db.prepare('UPDATE rate_entry SET at_ms = ? WHERE target_id = ? AND at_ms > ? AND state <> 0'),
      deadOwners: db.prepare('SELECT owner FROM rate_owner WHERE until_ms <= ?').pluck(),
      targetsOf: db
        .prepare(
          `SELECT target_id FROM rate_slot WHERE owner = ?
           UNION SELECT target_id FROM rate_entry WHERE state = 0 AND owner = ?`,
        )
        .pluck(),
      linesOf: db.prepare('SELECT DISTINCT target_id FROM rate_entry WHERE state = 0 AND owner = ?').pluck(),
      dataVersion: db.prepare('PRAGMA data_version').pluck(),
    };
  }

  saveTarget(targetId: number, rev: number, closedUntilMs: number): void {
    this.#sql.target.run(targetId, rev, closedUntilMs);
  }

  addEntry(
    targetId: number,
    rev: number,
    ref: number,
    state: number,
    atMs: number,
    requests: number,
    tokens: number,
  ): void {
    this.#sql.entry.run(targetId, rev, ref, state, atMs, requests, tokens);
  }

  addWaiting(
    targetId: number,
    ref: number,
    call: {
      readonly askedAtMs: number;
      readonly requests: number;
      readonly tokens: number;
      readonly owner: string;
      readonly ticket: number;
      readonly deadlineMs: number;
      readonly limits: object;
    },
  ): void {
    const { askedAtMs, requests, tokens, owner, ticket, deadlineMs, limits } = call;
    this.#sql.wait.run(
      targetId,
      ref,
      ref,
      askedAtMs,
      requests,
      tokens,
      owner,
      ticket,
      Math.min(deadlineMs, maxTimeMs),
      JSON.stringify(limits),
    );
  }

  /** The row of somebody who waits goes at once: it may be older than all that is purged. */
  endWaiting(targetId: number, ref: number): void {
    this.#sql.waitEnds.run(targetId, ref);
  }

  /** Everybody has forgotten what lies before. */
  purge(targetId: number, untilMs: number, daysUntilMs: number): void {
    this.#sql.purge.run(targetId, untilMs);
    this.#sql.purgeDays.run(targetId, daysUntilMs);
  }

  /** What was let go in the future, by a clock that was set back since, is dated now: it counts longer, never shorter. */
  noFuture(targetId: number, nowMs: number): void {
    this.#sql.entriesNotAhead.run(nowMs, targetId, nowMs + clockSlackMs);
  }

  saveDay(targetId: number, timezone: string, startMs: number, requests: number): void {
    this.#sql.day.run(targetId, timezone, startMs, requests);
  }

  saveSlots(targetId: number, owner: string, taken: number): void {
    if (taken > 0) this.#sql.slot.run(targetId, owner, taken);
    else this.#sql.freeSlot.run(targetId, owner);
  }

  saveOwner(owner: string, untilMs: number): void {
    this.#sql.owner.run(owner, untilMs);
  }

  forgetOwner(owner: string): void {
    this.#sql.forgetOwner.run(owner);
  }

  /** Nobody says that they live for longer than this, unless the clock was set back. */
  ownersUntil(latestMs: number): void {
    this.#sql.ownersNotAhead.run(latestMs, latestMs + clockSlackMs);
  }

  deadOwners(nowMs: number): readonly string[] {
    return this.#sql.deadOwners.all(nowMs) as string[];
  }

  /** Where a process waits or has requests in flight. */
  targetsOf(owner: string): readonly number[] {
    return this.#sql.targetsOf.all(owner, owner) as number[];
  }

  /** Where calls of a process wait. */
  linesOf(owner: string): readonly number[] {
    return this.#sql.linesOf.all(owner) as number[];
  }

  /** Changes when another connection has written to the file. */
  dataVersion(): number {
    return this.#sql.dataVersion.get() as number;
  }
}

/** As far as a time may lie ahead: SQLite takes larger floats for no integers. */
const maxTimeMs = 2_000_000_000_000_000;
