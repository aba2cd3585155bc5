import { VibeError } from '../errors/vibe-error.js';
import type { Permit } from '../spec/limiter.js';
import type { Cancellation } from './cancellation.js';
import type { Candidate } from './live-call.js';

/** A limit counts a request from the moment its permit is given. One that was kept longer than this is asked for anew. */
const maxKeptMs = 100;

/**
 * The permit of a call's first attempt, asked for together with its hold: a ledger that keeps limits in its file answers
 * both in one turn instead of two. Whoever is first gets it, the attempt or the end of the call.
 */
export class EarlyPermit {
  /** How often the provider had asked to slow down when it was asked for. */
  readonly hints: number;
  readonly #candidate: Candidate;
  readonly #leaving: Cancellation;
  readonly #now: () => number;
  #asking: Promise<Permit> | null;
  #given: { readonly permit: Permit; readonly atMs: number } | null = null;

  /** Who waits for the permit leaves the line with `leaving`. */
  constructor(candidate: Candidate, asking: Promise<Permit>, leaving: Cancellation, hints: number, now: () => number) {
    this.#candidate = candidate;
    this.#leaving = leaving;
    this.hints = hints;
    this.#asking = asking;
    this.#now = now;
    asking.then(
      (permit) => {
        this.#given = { permit, atMs: now() };
      },
      // Whoever takes it hears of its failure; nobody needs to.
      () => undefined,
    );
  }

  /** Null: it was taken, is for somebody else, or has waited for its hold for too long. */
  take(candidate: Candidate): Promise<Permit> | null {
    if (candidate !== this.#candidate) return null;
    const isStale = this.#given !== null && this.#now() - this.#given.atMs > maxKeptMs;
    if (isStale) this.giveBack();
    const asking = this.#asking;
    this.#asking = null;
    return asking;
  }

  /** Nothing was sent with it. At once where it is there, so that whoever asks next finds it free. */
  giveBack(): void {
    const asking = this.#asking;
    this.#asking = null;
    if (asking === null) return;
    if (this.#given !== null) {
      this.#given.permit.release(unused);
      return;
    }
    asking.then(
      (permit) => permit.release(unused),
      () => undefined,
    );
    // Nobody behind it waits for somebody who does not come.
    this.#leaving.abort(new VibeError('cancelled', 'The permit is not needed any more: nothing is sent with it.'));
  }
}

const unused = { dispatched: false } as const;
