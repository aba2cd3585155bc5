/**
 * A map by id of what comes and goes: calls that run, holds that are open. Why not a `Map`: a table of V8 that became too
 * full of what was deleted points to the table that replaced it. Once one of them has grown old, everything that is ever
 * put into such a map grows old as well, with all it refers to, and is copied twice by the garbage collector although it
 * is long dead. A map of 64 running calls made half of what a call costs. An object without prototype has no such link.
 * What stays in its map belongs into a `Map`.
 */
export class TransitMap<T extends object> {
  #values: Record<string, T> = Object.create(null);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    return this.#values[id] !== undefined;
  }

  get(id: string): T | undefined {
    return this.#values[id];
  }

  set(id: string, value: T): void {
    if (!this.has(id)) this.#size += 1;
    this.#values[id] = value;
  }

  /** False when it was not there. */
  delete(id: string): boolean {
    if (!this.has(id)) return false;
    this.#size -= 1;
    delete this.#values[id];
    return true;
  }

  clear(): void {
    this.#values = Object.create(null);
    this.#size = 0;
  }

  /** Those there are now; ids that are no whole numbers come in the order they were set in. */
  values(): T[] {
    return Object.values(this.#values);
  }
}
