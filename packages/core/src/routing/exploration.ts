import type { Exploration } from '../spec/router.js';

/**
 * Says which calls may explore: never more than `share` of them, at places and with numbers that only the seed decides.
 * Every call in a stretch of 1/share calls is as likely as the others, and exactly one of them explores.
 */
export class Explorer {
  readonly #share: number;
  #state: number;
  #calls = 0;
  #next: number;

  constructor({ share, seed = 1 }: Exploration) {
    this.#share = share;
    this.#state = seed >>> 0;
    this.#next = this.#placeIn(0);
  }

  /** A number in [0, 1) for a call that explores; null for the others. */
  ofNextCall(): number | null {
    if (this.#share <= 0) return null;
    const call = this.#calls++;
    if (call < this.#next) return null;
    const stretch = Math.floor(call * this.#share + 1e-9) + 1;
    this.#next = this.#placeIn(stretch);
    return this.#random();
  }

  /** Which call of a stretch explores. */
  #placeIn(stretch: number): number {
    const from = Math.ceil(stretch / this.#share - 1e-9);
    const to = Math.ceil((stretch + 1) / this.#share - 1e-9);
    return from + Math.floor(this.#random() * (to - from));
  }

  /** mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}
