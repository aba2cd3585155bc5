import type { NanoUsd } from '@vibe/core';
import type { Database } from 'better-sqlite3';

/** A window as the events say it must be. */
export interface ReplayedTotal {
  spentNanoUsd: NanoUsd;
  heldNanoUsd: NanoUsd;
}

/** An open hold as the events say it must be. */
export interface ReplayedHold {
  readonly charges: string;
  readonly strict: boolean;
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

interface EventRow {
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

/** Computes totals and open holds from the log alone, oldest event first. The memory grows with windows and open holds, not with events. */
export function replay(db: Database): Replay {
  const charges = db.prepare("SELECT charges FROM event WHERE call_id = ? AND kind = 'hold' AND n = 0").pluck();
  const replayed = new Replayer((callId) => (charges.get(callId) as string | undefined) ?? '');
  const rows = db
    .prepare('SELECT ts, kind, call_id, amount_nano, freed_nano, charges, strict FROM event ORDER BY seq')
    .iterate();
  for (const row of rows as IterableIterator<EventRow>) replayed.apply(row);
  return replayed;
}

class Replayer implements Replay {
  readonly totals = new Map<string, ReplayedTotal>();
  readonly holds = new Map<string, ReplayedHold>();
  readonly problems: string[] = [];
  events = 0;
  /** Reads the windows of calls that are no longer open. */
  readonly #chargesOf: (callId: string) => string;

  constructor(chargesOf: (callId: string) => string) {
    this.#chargesOf = chargesOf;
  }

  apply(row: EventRow): void {
    this.events += 1;
    const amountNanoUsd = row.amount_nano ?? 0;
    if (row.kind === 'hold') this.#hold(row, amountNanoUsd);
    else if (row.kind === 'extend') this.#extend(row, amountNanoUsd);
    else if (endKinds.has(row.kind)) this.#end(row, amountNanoUsd);
    else if (row.kind === 'correct') this.#add(this.#chargesOf(row.call_id), amountNanoUsd, 0);
    else if (row.kind === 'late_settle') {
      this.#add(this.#chargesOf(row.call_id), amountNanoUsd - (row.freed_nano ?? 0), 0);
    }
    // An overrun is told, not counted: the settlement beside it carries the money.
  }

  #hold(row: EventRow, amountNanoUsd: NanoUsd): void {
    const charges = row.charges ?? '';
    this.holds.set(row.call_id, { charges, strict: row.strict === 1, createdAtMs: row.ts, amountNanoUsd });
    this.#add(charges, 0, amountNanoUsd);
  }

  #extend(row: EventRow, amountNanoUsd: NanoUsd): void {
    const hold = this.#openHold(row);
    if (hold === null) return;
    this.#add(hold.charges, 0, amountNanoUsd - hold.amountNanoUsd);
    hold.amountNanoUsd = amountNanoUsd;
  }

  #end(row: EventRow, amountNanoUsd: NanoUsd): void {
    const hold = this.#openHold(row);
    if (hold === null) return;
    if (row.freed_nano !== hold.amountNanoUsd) {
      this.#problem(`${row.kind} of ${row.call_id} freed ${row.freed_nano}, its hold was ${hold.amountNanoUsd}`);
    }
    this.#add(hold.charges, amountNanoUsd, -hold.amountNanoUsd);
    this.holds.delete(row.call_id);
  }

  #openHold(row: EventRow): ReplayedHold | null {
    const hold = this.holds.get(row.call_id);
    if (hold === undefined) this.#problem(`${row.kind} of ${row.call_id}, which has no open hold`);
    return hold ?? null;
  }

  #add(charges: string, spentNanoUsd: NanoUsd, heldNanoUsd: NanoUsd): void {
    if (charges === '') return;
    for (const key of charges.split(',')) {
      let total = this.totals.get(key);
      if (total === undefined) {
        total = { spentNanoUsd: 0, heldNanoUsd: 0 };
        this.totals.set(key, total);
      }
      total.spentNanoUsd += spentNanoUsd;
      total.heldNanoUsd += heldNanoUsd;
    }
  }

  #problem(text: string): void {
    if (this.problems.length < maxProblems) this.problems.push(text);
  }
}
