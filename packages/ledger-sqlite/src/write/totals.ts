import { type BudgetBalance, scopeCounts, scopeNamesTarget, type Target } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { sqlInteger } from '../database/sql-integer.js';
import type { Charge } from './charge.js';

/** What a budget window holds, within one batch. */
export interface Total {
  /** Null until the first hold is admitted: a refused one leaves no trace in the file. */
  budgetId: number | null;
  readonly startMs: number;
  spentNanoUsd: number;
  heldNanoUsd: number;
  warned: number;
  changed: boolean;
}

interface TotalRow {
  readonly spent_nano: number;
  readonly held_nano: number;
  readonly warned: number;
}

/** Windows change by the hour; past this the scopes are read anew. */
const maxScopes = 1_000;

/**
 * Totals are read once per batch inside its transaction, changed in memory, and written once at its end. They are never
 * kept beyond it: another process may write in between.
 */
export class Totals {
  readonly #byKey = new Map<string, Total>();
  /** Of budgets the file does not know yet, by identity and start. */
  readonly #unknown = new Map<string, Total>();
  readonly #sql: Statements;
  /** Results of `targetedScopes`: a budget never changes its scope. */
  readonly #scopes = new Map<string, ReadonlyMap<string, string> | null>();
  #counts = new WeakMap<Target, Map<string, boolean>>();
  /** Two tokens that charges are stamped with: charges live longer than this object, and must not take its word for another's. */
  #batch = {};
  #epoch = {};

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** Before each batch, and after one that failed. */
  begin(): void {
    this.#byKey.clear();
    this.#unknown.clear();
    this.#batch = {};
  }

  /** After a rollback: budget ids that were given in it are void. */
  discard(): void {
    this.#epoch = {};
    this.#scopes.clear();
    this.#counts = new WeakMap();
    this.begin();
  }

  of(charge: Charge): Total {
    if (charge.batch === this.#batch && charge.total !== null) return charge.total;
    const budgetId = this.#idOf(charge);
    const total = budgetId === null ? this.#ofUnknown(charge) : this.#at(budgetId, charge.startMs);
    charge.total = total;
    charge.batch = this.#batch;
    return total;
  }

  /** The total with that key, as `keyOf` made it. */
  at(key: string): Total {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const [budgetId, startMs] = key.split(':').map(Number);
    return this.#at(budgetId as number, startMs as number);
  }

  balance(charge: Charge): BudgetBalance {
    const { budget, endMs } = charge;
    if (!charge.counted) return { budget, spentNanoUsd: 0, heldNanoUsd: 0, resetsAtMs: null, warnedUpTo: 0 };
    const { spentNanoUsd, heldNanoUsd, warned } = this.of(charge);
    return { budget, spentNanoUsd, heldNanoUsd, resetsAtMs: endMs, warnedUpTo: warned };
  }

  /** `budget_id:window_start_ms`. Makes the budget known to the file and notes how it is configured now. */
  keyOf(charge: Charge): string {
    const total = this.of(charge);
    if (total.budgetId === null) {
      total.budgetId = this.#insert(charge);
      this.#byKey.set(`${total.budgetId}:${total.startMs}`, total);
      total.changed = true;
    }
    if (charge.budgetId !== total.budgetId || charge.epoch !== this.#epoch) {
      charge.budgetId = total.budgetId;
      charge.epoch = this.#epoch;
      this.#show(charge, total.budgetId);
    }
    return `${total.budgetId}:${total.startMs}`;
  }

  /** Null when the file does not know the budget. */
  knownKeyOf(charge: Charge): string | null {
    const { budgetId, startMs } = this.of(charge);
    return budgetId === null ? null : `${budgetId}:${startMs}`;
  }

  /** What goes into a `charges` column: each window once, also when two budgets count the same money. */
  keysOf(charges: readonly Charge[]): string {
    const keys = charges.filter((charge) => charge.counted).map((charge) => this.keyOf(charge));
    return keys.length < 2 ? (keys[0] ?? '') : [...new Set(keys)].join(',');
  }

  /** Adds to the windows of a `charges` column. */
  add(charges: string, spentNanoUsd: number, heldNanoUsd: number): void {
    if (charges === '') return;
    for (const key of charges.split(',')) this.addTo(key, spentNanoUsd, heldNanoUsd);
  }

  /** Adds to one window. */
  addTo(key: string, spentNanoUsd: number, heldNanoUsd: number): void {
    const total = this.at(key);
    total.spentNanoUsd += spentNanoUsd;
    total.heldNanoUsd += heldNanoUsd;
    total.changed = true;
  }

  /** The scopes of a `charges` column, by key, when one of them counts only some targets; null when all count every call. */
  targetedScopes(charges: string): ReadonlyMap<string, string> | null {
    const known = this.#scopes.get(charges);
    if (known !== undefined) return known;
    const scopes = new Map<string, string>();
    for (const key of charges === '' ? [] : charges.split(','))
      scopes.set(key, this.#sql.scope.get(Number(key.split(':')[0])) as string);
    const targeted = [...scopes.values()].some(scopeNamesTarget) ? scopes : null;
    if (this.#scopes.size >= maxScopes) this.#scopes.clear();
    this.#scopes.set(charges, targeted);
    return targeted;
  }

  /** Whether all windows of a `charges` column count requests to this target. Remembered by target, which the decoder keeps. */
  allCount(charges: string, target: Target): boolean {
    let known = this.#counts.get(target);
    if (known === undefined) {
      known = new Map();
      this.#counts.set(target, known);
    }
    let counts = known.get(charges);
    if (counts === undefined) {
      const scopes = this.targetedScopes(charges);
      counts = scopes === null || [...scopes.values()].every((scope) => scopeCounts(scope, target));
      if (known.size >= maxScopes) known.clear();
      known.set(charges, counts);
    }
    return counts;
  }

  flush(): void {
    for (const total of this.#byKey.values()) {
      if (!total.changed) continue;
      total.changed = false;
      const { budgetId, startMs, spentNanoUsd, heldNanoUsd, warned } = total;
      this.#sql.write.run(budgetId, startMs, sqlInteger(spentNanoUsd), sqlInteger(heldNanoUsd), warned);
    }
  }

  #idOf(charge: Charge): number | null {
    if (charge.budgetId !== null && charge.epoch === this.#epoch) return charge.budgetId;
    const { budget, timezone } = charge;
    return (this.#sql.find.get(budget.scope, budget.window, timezone) as number | undefined) ?? null;
  }

  #ofUnknown(charge: Charge): Total {
    const key = `${charge.identity}:${charge.startMs}`;
    let total = this.#unknown.get(key);
    if (total === undefined) {
      total = { budgetId: null, startMs: charge.startMs, spentNanoUsd: 0, heldNanoUsd: 0, warned: 0, changed: false };
      this.#unknown.set(key, total);
    }
    return total;
  }

  #at(budgetId: number, startMs: number): Total {
    const key = `${budgetId}:${startMs}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const row = this.#sql.read.get(budgetId, startMs) as TotalRow | undefined;
    const total: Total = {
      budgetId,
      startMs,
      spentNanoUsd: row?.spent_nano ?? 0,
      heldNanoUsd: row?.held_nano ?? 0,
      warned: row?.warned ?? 0,
      changed: false,
    };
    this.#byKey.set(key, total);
    return total;
  }

  #insert({ budget, timezone }: Charge): number {
    const { scope, window, id, limitNanoUsd, mode, shadow, origin } = budget;
    const found = this.#sql.find.get(scope, window, timezone) as number | undefined;
    if (found !== undefined) return found;
    return Number(
      this.#sql.insert.run(scope, window, timezone, id, sqlInteger(limitNanoUsd), mode, shadow ? 1 : 0, origin)
        .lastInsertRowid,
    );
  }

  #show({ budget }: Charge, budgetId: number): void {
    const { id, limitNanoUsd, mode, shadow, origin } = budget;
    const shown = [id, sqlInteger(limitNanoUsd), mode, shadow ? 1 : 0, origin];
    this.#sql.show.run(...shown, budgetId, ...shown);
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: Database) {
  return {
    find: db.prepare('SELECT budget_id FROM budget WHERE scope = ? AND period = ? AND timezone = ?').pluck(),
    scope: db.prepare('SELECT scope FROM budget WHERE budget_id = ?').pluck(),
    insert: db.prepare(
      'INSERT INTO budget (scope, period, timezone, name, limit_nano, mode, shadow, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    show: db.prepare(
      `UPDATE budget SET name = ?, limit_nano = ?, mode = ?, shadow = ?, origin = ?
       WHERE budget_id = ? AND (name, limit_nano, mode, shadow, origin) IS NOT (?, ?, ?, ?, ?)`,
    ),
    read: db.prepare('SELECT spent_nano, held_nano, warned FROM total WHERE budget_id = ? AND window_start_ms = ?'),
    write: db.prepare(
      `INSERT INTO total (budget_id, window_start_ms, spent_nano, held_nano, warned) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET spent_nano = excluded.spent_nano, held_nano = excluded.held_nano, warned = excluded.warned`,
    ),
  };
}
