import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { lastCharges } from '../read/last-charges.js';
import { splitOfText } from '../split.js';

/** A window as the events say it must be. */
export interface ReplayedTotal {
  spentNanoUsd: NanoUsd;
  heldNanoUsd: NanoUsd;
}

/** An open hold as the events say it must be. */
export interface ReplayedHold {
  charges: string;
  strict: boolean;
  readonly createdAtMs: number;
  amountNanoUsd: NanoUsd;
}

/** Everything about money that follows from the events. */
export interface Replay {
  /** By `budget_id:window_start_ms`. */
  readonly totals: ReadonlyMap<string, ReplayedTotal>;
  /** By call id. */
  readonly holds: ReadonlyMap<string, ReplayedHold>;
  readonly events: number;
  /** Events that make no sense after those before them. */
  readonly problems: readonly string[];
}

export interface ReplayedEvent {
  readonly ts: number;
  readonly kind: string;
  readonly call_id: string;
  readonly amount_nano: number | null;
  readonly freed_nano: number | null;
  readonly charges: string | null;
  readonly strict: number | null;
}

const endKinds: ReadonlySet<string> = new Set(['settle', 'expire', 'resolve']);

/** More would not help anybody who reads them. */
export const maxProblems = 100;

/** Computes totals and open holds from the log alone, oldest event first, with what is archived of calls without events. The memory grows with windows and open holds, not with events. */
export function replay(db: Database): Replay {
  const charges = db.prepare(lastCharges).pluck();
  const replayed = new Replayer((callId) => (charges.get(callId) as string | undefined) ?? '');
  const archived = db.prepare("SELECT budget_id || ':' || window_start_ms AS key, spent_nano FROM archive_total").all();
  for (const { key, spent_nano } of archived as { key: string; spent_nano: NanoUsd }[])
    replayed.totals.set(key, { spentNanoUsd: spent_nano, heldNanoUsd: 0 });
  const rows = db
    .prepare('SELECT ts, kind, call_id, amount_nano, freed_nano, charges, strict FROM event ORDER BY seq')
    .iterate();
  for (const row of rows as IterableIterator<ReplayedEvent>) replayed.apply(row);
  return replayed;
}

export class Replayer implements Replay {
  readonly totals = new Map<string, ReplayedTotal>();
  readonly holds = new Map<string, ReplayedHold>();
  readonly problems: string[] = [];
  events = 0;
  /** Reads the windows of calls that are no longer open. */
  readonly #chargesOf: (callId: string) => string;

  constructor(chargesOf: (callId: string) => string) {
    this.#chargesOf = chargesOf;
  }

  apply(row: ReplayedEvent): void {
    this.events += 1;
    const amountNanoUsd = row.amount_nano ?? 0;
    if (row.kind === 'hold') this.#hold(row, amountNanoUsd);
    else if (row.kind === 'extend') this.#extend(row, amountNanoUsd);
    else if (endKinds.has(row.kind)) this.#end(row, amountNanoUsd);
    else if (row.kind === 'correct') this.#charge(row, this.#chargesOf(row.call_id), amountNanoUsd, 0, 0);
    else if (row.kind === 'late_settle') {
      this.#charge(row, this.#chargesOf(row.call_id), amountNanoUsd, row.freed_nano ?? 0, 0);
    }
    // An overrun is told, not counted: the settlement beside it carries the money.
  }

  #hold(row: ReplayedEvent, amountNanoUsd: NanoUsd): void {
    const charges = row.charges ?? '';
    this.holds.set(row.call_id, { charges, strict: row.strict === 1, createdAtMs: row.ts, amountNanoUsd });
    for (const key of keysOf(charges)) this.#add(key, 0, amountNanoUsd);
  }

  #extend(row: ReplayedEvent, amountNanoUsd: NanoUsd): void {
    const hold = this.#openHold(row);
    if (hold === null) return;
    const charges = row.charges ?? hold.charges;
    const heldKeys = new Set(keysOf(hold.charges));
    for (const key of keysOf(charges)) {
      this.#add(key, 0, heldKeys.has(key) ? amountNanoUsd - hold.amountNanoUsd : amountNanoUsd);
    }
    hold.charges = charges;
    hold.strict ||= row.strict === 1;
    hold.amountNanoUsd = amountNanoUsd;
  }

  #end(row: ReplayedEvent, amountNanoUsd: NanoUsd): void {
    const hold = this.#openHold(row);
    if (hold === null) return;
    if (row.freed_nano !== hold.amountNanoUsd) {
      this.#problem(`${row.kind} of ${row.call_id} freed ${row.freed_nano}, its hold was ${hold.amountNanoUsd}`);
    }
    this.#charge(row, hold.charges, amountNanoUsd, 0, hold.amountNanoUsd);
    this.holds.delete(row.call_id);
  }

  #openHold(row: ReplayedEvent): ReplayedHold | null {
    const hold = this.holds.get(row.call_id);
    if (hold === undefined) this.#problem(`${row.kind} of ${row.call_id}, which has no open hold`);
    return hold ?? null;
  }

  /** What the event says each window is charged, in place of what was booked there before; without a split all the same. */
  #charge(
    row: ReplayedEvent,
    charges: string,
    amountNanoUsd: NanoUsd,
    bookedNanoUsd: NanoUsd,
    freedNanoUsd: NanoUsd,
  ): void {
    const split = row.charges === null ? null : splitOfText(row.charges);
    for (const key of split?.keys() ?? keysOf(charges))
      this.#add(key, (split?.get(key) ?? amountNanoUsd) - bookedNanoUsd, -freedNanoUsd);
  }

  #add(key: string, spentNanoUsd: NanoUsd, heldNanoUsd: NanoUsd): void {
    let total = this.totals.get(key);
    if (total === undefined) {
      total = { spentNanoUsd: 0, heldNanoUsd: 0 };
      this.totals.set(key, total);
    }
    total.spentNanoUsd += spentNanoUsd;
    total.heldNanoUsd += heldNanoUsd;
  }

  #problem(text: string): void {
    if (this.problems.length < maxProblems) this.problems.push(text);
  }
}

function keysOf(charges: string): readonly string[] {
  return charges === '' ? [] : charges.split(',');
}
