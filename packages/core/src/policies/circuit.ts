import type { BreakerOptions } from '../spec/options.js';
import type { CircuitStatus } from '../spec/router.js';
import { isInFuture } from './age.js';

/** Every field of `breaker`, with the defaults. */
export const breakerDefaults: Required<BreakerOptions> = {
  failures: 5,
  failRate: 0.5,
  windowMs: 60_000,
  cooldownMs: 30_000,
  probes: 1,
};

/** A fail rate says nothing about fewer outcomes than these. */
const minOutcomes = 10;
/** Bounds the memory of one circuit; older outcomes than these do not count. */
const maxOutcomes = 1_000;

/** Failures in a row say nothing while others answer, unless there are more than so many for each of them. */
const failuresPerAnswer = 2;

/** Of an attempt that ended before it began to answer. */
const neverBegun = -1;

/** What a circuit says to one attempt. */
export type Admission =
  | { readonly admitted: true; readonly probe: boolean }
  | { readonly admitted: false; readonly retryAfterMs: number };

/**
 * The circuit of one model at one endpoint: closed until `failures` in a row or too high a fail rate, then open for
 * `cooldownMs`, then half open: `probes` attempts at a time decide. A success closes it, a failure opens it again.
 */
export class Circuit {
  readonly #options: Required<BreakerOptions>;
  #status: CircuitStatus = 'closed';
  #openUntilMs = 0;
  #consecutive = 0;
  /** Answers that have begun and not ended. */
  #answering = 0;
  /** Those of them that began after the first of the failures in a row. */
  #answeringSince = 0;
  /** Counts rows of failures and what lies between them; answers are told apart by the one they began in. */
  #run = 0;
  /** What began before it is of another life of this circuit. */
  #firstRun = 0;
  #probesOut = 0;
  #outcomes: { atMs: number; failed: boolean }[] = [];
  /** When it last opened or closed, here or in another process. */
  #changedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: BreakerOptions = {}) {
    this.#options = { ...breakerDefaults, ...options };
  }

  status(nowMs: number): CircuitStatus {
    if (this.#status === 'open' && this.#hasCooled(nowMs)) return 'half_open';
    return this.#status;
  }

  /** When it will let a probe through; null while it is closed. */
  get openUntilMs(): number | null {
    return this.#status === 'open' ? this.#openUntilMs : null;
  }

  /** When it closed after it had been open; null while it is not closed, and when it always was. */
  get closedAtMs(): number | null {
    return this.#status === 'closed' && this.#changedAtMs !== Number.NEGATIVE_INFINITY ? this.#changedAtMs : null;
  }

  /** Asks to send one attempt. Every admitted attempt ends in exactly one of `success`, `failure` and `giveBack`. */
  enter(nowMs: number): Admission {
    if (this.#status === 'closed') return { admitted: true, probe: false };
    if (this.#status === 'open') {
      if (!this.#hasCooled(nowMs)) return { admitted: false, retryAfterMs: this.#openUntilMs - nowMs };
      this.#status = 'half_open';
      this.#probesOut = 0;
    }
    if (this.#probesOut >= this.#options.probes) return { admitted: false, retryAfterMs: 0 };
    this.#probesOut++;
    return { admitted: true, probe: true };
  }

  /**
   * An admitted attempt has begun to answer: a sign of life, long before its success. Failures are often quicker than answers,
   * so that a few of them say little while others answer. What it returns is handed over when the attempt ends.
   */
  began(): number {
    this.#answering++;
    if (this.#consecutive > 0) this.#answeringSince++;
    return this.#run;
  }

  success(probe: boolean, nowMs: number, begunIn = neverBegun): void {
    this.#ended(begunIn);
    this.#record(false, nowMs);
    this.#endRun();
    // A late success of an attempt from before the circuit opened says nothing about now.
    if (probe && this.#status === 'half_open') this.#close(nowMs);
  }

  failure(probe: boolean, nowMs: number, begunIn = neverBegun): void {
    this.#ended(begunIn);
    this.#record(true, nowMs);
    if (this.#consecutive === 0) this.#run++;
    else if (begunIn === this.#run) this.#answeringSince--;
    this.#consecutive++;
    if (probe && this.#status === 'half_open') this.#open(nowMs);
    else if (this.#status === 'closed' && this.#isTripped(nowMs)) this.#open(nowMs);
  }

  /** The attempt ended without saying anything about the endpoint (cancelled, rate limited, a wrong request). */
  giveBack(probe: boolean, begunIn = neverBegun): void {
    this.#ended(begunIn);
    if (probe && this.#status === 'half_open' && this.#probesOut > 0) this.#probesOut--;
  }

  /** What another process has found at `atMs`. The latest word counts. */
  adopt(state: 'open' | 'closed', openUntilMs: number, atMs: number): void {
    if (atMs <= this.#changedAtMs) return;
    if (state === 'closed') {
      this.#close(atMs);
      return;
    }
    this.#open(atMs);
    this.#openUntilMs = openUntilMs;
  }

  /** One that was opened in the future, by a clock that was set back since, is tried at once. */
  #hasCooled(nowMs: number): boolean {
    return nowMs >= this.#openUntilMs || isInFuture(this.#changedAtMs, nowMs);
  }

  #isTripped(nowMs: number): boolean {
    if (this.#consecutive >= this.#options.failures && this.#consecutive > failuresPerAnswer * this.#answeringSince)
      return true;
    const recent = this.#outcomes.filter((outcome) => outcome.atMs > nowMs - this.#options.windowMs);
    if (recent.length < minOutcomes) return false;
    const failed = recent.filter((outcome) => outcome.failed).length;
    return failed / (recent.length + this.#answering) >= this.#options.failRate;
  }

  #open(nowMs: number): void {
    this.#status = 'open';
    this.#openUntilMs = nowMs + this.#options.cooldownMs;
    this.#changedAtMs = nowMs;
    this.#probesOut = 0;
  }

  #close(nowMs: number): void {
    this.#status = 'closed';
    this.#changedAtMs = nowMs;
    this.#endRun();
    this.#firstRun = this.#run;
    this.#answering = 0;
    this.#outcomes = [];
    this.#probesOut = 0;
  }

  #ended(begunIn: number): void {
    if (begunIn >= this.#firstRun) this.#answering--;
  }

  #endRun(): void {
    this.#consecutive = 0;
    this.#answeringSince = 0;
    this.#run++;
  }

  #record(failed: boolean, nowMs: number): void {
    this.#outcomes.push({ atMs: nowMs, failed });
    if (this.#outcomes.length > 2 * maxOutcomes) this.#outcomes = this.#outcomes.slice(-maxOutcomes);
  }
}
