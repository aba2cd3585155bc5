import type { Target } from '@vibe/core';

interface Departure {
  readonly target: Target;
  readonly ref: number;
  /** When the writer let it go. */
  readonly atMs: number;
}

/** Clocks round, each for itself. A clock that is further off than this was set meanwhile. */
const roundingMs = 2;

/**
 * When requests really leave: the writer's answer takes its time, and so does everybody who goes on in the same turn. A
 * request is dated at the end of that turn, which is never too early, so that windows are true.
 */
export class Departures {
  readonly #now: () => number;
  readonly #redate: (target: Target, ref: number, atMs: number) => void;
  #leaving: Departure[] = [];
  /** Turns that have begun and not ended: hardly ever more than one. */
  #turns: (readonly Departure[])[] = [];

  constructor(now: () => number, redate: (target: Target, ref: number, atMs: number) => void) {
    this.#now = now;
    this.#redate = redate;
  }

  /** Before its caller is told. */
  add(target: Target, ref: number, atMs: number): void {
    this.#leaving.push({ target, ref, atMs });
    // Runs before the first of the callers goes on.
    if (this.#leaving.length === 1) queueMicrotask(() => this.#turnBegins());
  }

  /** Dates everybody who is leaving now, without waiting for the end of the turn. */
  flush(): void {
    this.#date(this.#turns.flat(), this.#now());
    this.#turns = [];
  }

  #turnBegins(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    this.#turns.push(leaving);
    // In this order: a pause of the machine between the two must not pass for a clock that was set.
    const startedAtMs = performance.now();
    const fromMs = this.#now();
    setImmediate(() => {
      const at = this.#turns.indexOf(leaving);
      if (at === -1) return;
      this.#turns.splice(at, 1);
      const nowMs = this.#now();
      const wasSet = nowMs - fromMs > performance.now() - startedAtMs + roundingMs;
      this.#date(leaving, wasSet ? fromMs : nowMs);
    });
  }

  #date(leaving: readonly Departure[], leftAtMs: number): void {
    for (const { target, ref, atMs } of leaving) if (atMs < leftAtMs) this.#redate(target, ref, leftAtMs);
  }
}
