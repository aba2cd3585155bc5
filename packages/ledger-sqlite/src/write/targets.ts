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

  /** Without giving it a number when it has none. */
  find(target: Target | null): number | undefined {
    const named = target ?? nowhere;
    return this.#knownObjects.get(named) ?? this.#known.get(keyOf(named)) ?? this.#stored(named);
  }

  #byName(target: Target): number {
    const key = keyOf(target);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.#stored(target) ?? Number(this.#insert.run(...namesOf(target)).lastInsertRowid);
    if (this.#known.size >= maxKnown) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  #stored(target: Target): number | undefined {
    return this.#find.get(...namesOf(target)) as number | undefined;
  }

  /** After a rollback: numbers that were given in it are void. */
  discard(): void {
    this.#known = new Map();
    this.#knownObjects = new WeakMap();
  }
}

const nowhere: Target = { provider: '', profile: '', endpoint: '', region: '', model: '' };

function namesOf({ provider, profile, endpoint, region, model }: Target): readonly string[] {
  return [provider, profile, endpoint, region, model];
}

function keyOf(target: Target): string {
  return JSON.stringify(namesOf(target));
}
