import type { Candidate } from '../flow/live-call.js';
import type { Permit } from '../spec/limiter.js';

/**
 * The permit of a call's first attempt, asked for together with its hold: a ledger that keeps limits in its file answers
 * both in one turn instead of two. Whoever is first gets it, the attempt or the end of the call.
 */
export class EarlyPermit {
  readonly #candidate: Candidate;
  #asking: Promise<Permit> | null;

  constructor(candidate: Candidate, asking: Promise<Permit>) {
    this.#candidate = candidate;
    this.#asking = asking;
    // Whoever takes it hears of its failure; nobody needs to.
    asking.catch(() => undefined);
  }

  /** Null: it was taken, or is for somebody else. */
  take(candidate: Candidate): Promise<Permit> | null {
    if (candidate !== this.#candidate) return null;
    const asking = this.#asking;
    this.#asking = null;
    return asking;
  }

  /** Nothing was sent with it. */
  giveBack(): void {
    this.#asking?.then(
      (permit) => permit.release({ dispatched: false }),
      () => undefined,
    );
    this.#asking = null;
  }
}
