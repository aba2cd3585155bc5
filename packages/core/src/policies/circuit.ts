import type { BreakerOptions } from '../spec/options.js';
import type { CircuitStatus } from '../spec/router.js';

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
  #probesOut = 0;
  #outcomes: { atMs: number; failed: boolean }[] = [];
  /** When it last opened or closed, here or in another process. */
  #changedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: BreakerOptions = {}) {
    this.#options = { ...breakerDefaults, ...options };
  }

  status(nowMs: number): CircuitStatus {
    if (this.#status === 'open' && nowMs >= this.#openUntilMs) return 'half_open';
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
      if (nowMs < this.#openUntilMs) return { admitted: false, retryAfterMs: this.#openUntilMs - nowMs };
      this.#status = 'half_open';
      this.#probesOut = 0;
    }
    if (this.#probesOut >= this.#options.probes) return { admitted: false, retryAfterMs: 0 };
    this.#probesOut++;
    return { admitted: true, probe: true };
  }

  success(probe: boolean, nowMs: number): void {
    this.#record(false, nowMs);
    this.#consecutive = 0;
    // A late success of an attempt from before the circuit opened says nothing about now.
    if (probe && this.#status === 'half_open') this.#close(nowMs);
  }

  failure(probe: boolean, nowMs: number): void {
    this.#record(true, nowMs);
    this.#consecutive++;
    if (probe && this.#status === 'half_open') this.#open(nowMs);
    else if (this.#status === 'closed' && this.#isTripped(nowMs)) this.#open(nowMs);
  }

  /** The attempt ended without saying anything about the endpoint (cancelled, rate limited, a wrong request). */
  giveBack(probe: boolean): void {
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

  #isTripped(nowMs: number): boolean {
    if (this.#consecutive >= this.#options.failures) return true;
    const recent = this.#outcomes.filter((outcome) => outcome.atMs > nowMs - this.#options.windowMs);
    if (recent.length < minOutcomes) return false;
    return recent.filter((outcome) => outcome.failed).length / recent.length >= this.#options.failRate;
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
    this.#consecutive = 0;
    this.#outcomes = [];
    this.#probesOut = 0;
  }

  #record(failed: boolean, nowMs: number): void {
    this.#outcomes.push({ atMs: nowMs, failed });
    if (this.#outcomes.length > 2 * maxOutcomes) this.#outcomes = this.#outcomes.slice(-maxOutcomes);
  }
}
