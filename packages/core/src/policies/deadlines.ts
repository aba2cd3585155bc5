/** Somebody who waits, until a time. */
export interface Waiting {
  readonly deadlineMs: number;
}

/**
 * Who is due when, without a timer each. Most callers wait equally long and so come in order; a place for another one is
 * looked for from the end.
 */
export class Deadlines<W extends Waiting> {
  /** Whether somebody still waits. Who does not is dropped in passing. */
  readonly #waits: (waiter: W) => boolean;
  #line: W[] = [];
  #first = 0;

  constructor(waits: (waiter: W) => boolean) {
    this.#waits = waits;
  }

  add(waiter: W): void {
    if (this.#line.length > 2 * this.#cleanAt) this.#clean();
    let index = this.#line.length;
    while (index > this.#first && (this.#line[index - 1]?.deadlineMs ?? 0) > waiter.deadlineMs) index--;
    if (index === this.#line.length) this.#line.push(waiter);
    else this.#line.splice(index, 0, waiter);
  }

  /** The next deadline; Infinity when nobody waits. */
  get nextMs(): number {
    this.#skip();
    return this.#line[this.#first]?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes out the first whose deadline is at `untilMs` or before. */
  takeDue(untilMs: number): W | undefined {
    this.#skip();
    const waiter = this.#line[this.#first];
    if (waiter === undefined || waiter.deadlineMs > untilMs) return undefined;
    this.#first++;
    return waiter;
  }

  #skip(): void {
    for (; this.#first < this.#line.length; this.#first++) {
      const waiter = this.#line[this.#first];
      if (waiter !== undefined && this.#waits(waiter)) return;
    }
    this.#line = [];
    this.#first = 0;
  }

  #cleanAt = 64;

  /** Amortised: only when it has doubled. */
  #clean(): void {
    this.#line = this.#line.slice(this.#first).filter(this.#waits);
    this.#first = 0;
    this.#cleanAt = Math.max(64, this.#line.length);
  }
}
