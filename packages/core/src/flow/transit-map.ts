const usualBuckets = 64;
/** The end of an id is what tells it from others made at the same time. */
const hashedChars = 8;

interface Entry<T> {
  readonly id: string;
  value: T;
  /** In the same bucket. */
  next: Entry<T> | null;
  /** In the order of arrival. */
  before: Entry<T> | null;
  after: Entry<T> | null;
}

/**
 * A map by id of what comes and goes: calls that run, holds that are open. Why not a `Map`: a table of V8 that became too
 * full of what was deleted points to the table that replaces it. Once one of them has grown old, everything that is ever
 * put into such a map grows old as well, with all it refers to, and is copied twice by the garbage collector although it
 * is long dead; a map of 64 running calls made half of what a call costs. Here nothing that was removed points anywhere.
 * What stays in its map belongs into a `Map`.
 */
export class TransitMap<T> {
  #buckets: (Entry<T> | null)[];
  #first: Entry<T> | null = null;
  #last: Entry<T> | null = null;
  #size = 0;

  /** `buckets`: a power of two. There will be as many as the most entries that were there at a time. */
  constructor(buckets = usualBuckets) {
    this.#buckets = new Array(buckets).fill(null);
  }

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    return this.#find(id) !== null;
  }

  get(id: string): T | undefined {
    return this.#find(id)?.value;
  }

  set(id: string, value: T): void {
    const known = this.#find(id);
    if (known !== null) {
      known.value = value;
      return;
    }
    if (this.#size >= this.#buckets.length) this.#grow();
    const entry: Entry<T> = { id, value, next: null, before: this.#last, after: null };
    if (this.#last === null) this.#first = entry;
    else this.#last.after = entry;
    this.#last = entry;
    this.#size += 1;
    this.#putIn(entry);
  }

  /** False when it was not there. */
  delete(id: string): boolean {
    const at = this.#bucketOf(id);
    let previous: Entry<T> | null = null;
    let entry = this.#buckets[at] ?? null;
    while (entry !== null && entry.id !== id) {
      previous = entry;
      entry = entry.next;
    }
    if (entry === null) return false;
    if (previous === null) this.#buckets[at] = entry.next;
    else previous.next = entry.next;
    if (entry.before === null) this.#first = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === null) this.#last = entry.before;
    else entry.after.before = entry.before;
    entry.next = null;
    entry.before = null;
    entry.after = null;
    this.#size -= 1;
    return true;
  }

  clear(): void {
    for (const id of [...this.#entries()].map((entry) => entry.id)) this.delete(id);
  }

  /** Those there are now, in the order in which they came. */
  values(): T[] {
    return [...this.#entries()].map(({ value }) => value);
  }

  *#entries(): Iterable<Entry<T>> {
    for (let entry = this.#first; entry !== null; entry = entry.after) yield entry;
  }

  #find(id: string): Entry<T> | null {
    let entry = this.#buckets[this.#bucketOf(id)] ?? null;
    while (entry !== null && entry.id !== id) entry = entry.next;
    return entry;
  }

  #bucketOf(id: string): number {
    let hash = 0;
    for (let at = Math.max(0, id.length - hashedChars); at < id.length; at++)
      hash = Math.imul(hash, 31) + id.charCodeAt(at);
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }

  #putIn(entry: Entry<T>): void {
    const at = this.#bucketOf(entry.id);
    entry.next = this.#buckets[at] ?? null;
    this.#buckets[at] = entry;
  }

  /** As large as the most that were there at a time. */
  #grow(): void {
    const before = this.#buckets;
    this.#buckets = new Array(2 * before.length).fill(null);
    before.fill(null);
    for (const entry of this.#entries()) this.#putIn(entry);
  }
}
