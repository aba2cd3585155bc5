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

  #turnBegins(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    const fromMs = this.#now();
    const startedAtMs = performance.now();
    setImmediate(() => {
      const nowMs = this.#now();
      const wasSet = nowMs - fromMs > performance.now() - startedAtMs + roundingMs;
      const leftAtMs = wasSet ? fromMs : nowMs;
      for (const { target, ref, atMs } of leaving) if (atMs < leftAtMs) this.#redate(target, ref, leftAtMs);
    });
  }
}
