import type { Target } from '@vibe/core';
import type { Database } from 'better-sqlite3';

/** More targets than any program uses; past it the memory starts anew. */
const maxKnown = 10_000;

/** Numbers of targets in table `target`. */
export class Targets {
  readonly #find;
  readonly #insert;
  #known = new Map<string, number>();
  /** The writer meets the same object for the same target again and again. */
  #knownObjects = new WeakMap<Target, number>();

  constructor(db: Database) {
    this.#find = db
      .prepare(
        'SELECT target_id FROM target WHERE provider = ? AND profile = ? AND endpoint = ? AND region = ? AND model = ?',
      )
      .pluck();
    this.#insert = db.prepare('INSERT INTO target (provider, profile, endpoint, region, model) VALUES (?, ?, ?, ?, ?)');
  }

  /** A row that names no target has the target of empty names. */
  idOf(target: Target | null): number {
    const named = target ?? nowhere;
    let id = this.#knownObjects.get(named);
    if (id === undefined) {
      id = this.#byName(named);
      this.#knownObjects.set(named, id);
    }
    return id;
  }

  #byName({ provider, profile, endpoint, region, model }: Target): number {
    const key = JSON.stringify([provider, profile, endpoint, region, model]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const names = [provider, profile, endpoint, region, model];
    const found = this.#find.get(...names) as number | undefined;
    const id = found ?? Number(this.#insert.run(...names).lastInsertRowid);
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  /** After a rollback: numbers that were given in it are void. */
  discard(): void {
    this.#known = new Map();
    this.#knownObjects = new WeakMap();
  }
}

const nowhere: Target = { provider: '', profile: '', endpoint: '', region: '', model: '' };
