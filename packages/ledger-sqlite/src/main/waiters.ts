import type { VibeError } from '@vibe/core';
import type { Outcome } from '../protocol.js';

/** What waits for a command's outcome. */
export interface Waiter {
  done(outcome: Outcome): void;
  failed(error: VibeError): void;
}

/** Places that may be empty at the front before the rest moves there. */
const maxEmpty = 4_096;

/** Who waits for the commands that were sent, in their order. */
export class Waiters {
  #places: (Waiter | null)[] = [];
  #first = 0;

  get count(): number {
    return this.#places.length - this.#first;
  }

  push(waiter: Waiter): void {
    this.#places.push(waiter);
  }

  /**
   * Takes out the one that has waited for longest. Its place is emptied: under load the array lives for thousands of
   * calls, and so would everything that they had (docs/decisions/0012).
   */
  shift(): Waiter | null {
    const waiter = this.#places[this.#first] ?? null;
    if (waiter === null) return null;
    this.#places[this.#first++] = null;
    if (this.#first > maxEmpty || this.count === 0) this.#moveUp();
    return waiter;
  }

  /** Takes out everybody. */
  takeAll(): readonly Waiter[] {
    const waiters = this.#places.slice(this.#first) as Waiter[];
    this.#places = [];
    this.#first = 0;
    return waiters;
  }

  #moveUp(): void {
    this.#places = this.#places.slice(this.#first);
    this.#first = 0;
  }
}
