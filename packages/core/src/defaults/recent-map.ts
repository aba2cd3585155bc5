/**
 * Remembers the latest of many things by id: at least `least` of them, at most twice as many. Two maps take turns, because
 * a Map that loses its oldest entry again and again gets slower with each: looking for the first one passes all the holes.
 */
export class RecentMap<T> {
  readonly #least: number;
  #latest = new Map<string, T>();
  #older = new Map<string, T>();

  constructor(least: number) {
    this.#least = least;
  }

  get size(): number {
    return this.#latest.size + this.#older.size;
  }

  has(id: string): boolean {
    return this.#latest.has(id) || this.#older.has(id);
  }

  get(id: string): T | undefined {
    return this.#latest.get(id) ?? this.#older.get(id);
  }

  /** What was known of the id is replaced. */
  add(id: string, value: T): void {
    if (this.#latest.size >= this.#least) {
      this.#older = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(id, value);
  }
}
