import type { Target } from './target.js';

/** Rate limits of a target. Unset is unlimited. */
export interface Limits {
  /** Requests per minute, as a true sliding window. */
  readonly rpm?: number;
  /** Tokens per minute (input and output), as a true sliding window. */
  readonly tpm?: number;
  /** Requests per day, as a calendar window. */
  readonly rpd?: number;
  /** Requests in flight. */
  readonly concurrency?: number;
  /** IANA zone in which `rpd` resets. Default: what the endpoint declares (Gemini: `America/Los_Angeles`), else UTC. */
  readonly rpdTimezone?: string;
  /** A shorter window beside the minute. Default: the share of `rpm` and `tpm` that the endpoint declares, else none. */
  readonly burst?: BurstLimits;
}

/** What may go within a short, true sliding window. */
export interface BurstLimits {
  /** The length of the window, 1 to 60,000 ms. */
  readonly windowMs: number;
  readonly requests?: number;
  /** A single request with more tokens than this has a window to itself; only `tpm` can be too small for it. */
  readonly tokens?: number;
}

export interface LimitDemand {
  readonly requests: number;
  /** Estimate of input and output together; corrected when the usage is known. */
  readonly tokens: number;
}

export interface AcquireOptions {
  readonly limits: Limits;
  /** Waiting longer than this is refused at once with `rate_limited`. 0: never wait. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  /**
   * Runs `act` when `signal` is aborted, which it is not yet; returns what takes that back. The client makes a signal only
   * when somebody reads it, so a limiter that uses this instead, where it is given, is cheaper by some microseconds.
   */
  readonly onAbort?: (act: () => void) => () => void;
  /**
   * Told when the permit has to be waited for: the wait in ms, at the most, and the place in the queue, counted from 0.
   * It becomes shorter when others use less than they asked for, longer only when they use more or a 429 intervenes.
   * A wait for a free slot is told as `maxWaitMs`: nobody knows when a request ends.
   */
  readonly onWait?: (waitMs: number, place: number) => void;
}

/** The right to send one request. */
export interface Permit {
  readonly waitedMs: number;
  /** The request was sent: the real number of tokens replaces the estimate. */
  correct(tokens: number): void;
  /**
   * Ends the concurrency slot. A permit that was never dispatched also gives its request and tokens back; unless
   * `dispatched` says so, that is one which was never corrected. Only the first release counts.
   */
  release(outcome?: { readonly dispatched: boolean }): void;
}

/** What is used of a target's limits now. */
export interface LimitState {
  readonly target: Target;
  readonly requestsInMinute: number;
  readonly tokensInMinute: number;
  readonly requestsToday: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** Until when a provider's 429 keeps the target closed; null when open. */
  readonly blockedUntilMs: number | null;
  /**
   * How long the demand would wait for windows and for those in line; Infinity when it never fits. Leaves out the wait
   * for a free slot, which nobody knows.
   */
  readonly nextFreeInMs: number;
}

/** What a provider's 429 taught. */
export interface LimitHint {
  /** How long the target is closed at least; a hint of more than a day counts as a day. */
  readonly retryAfterMs: number | null;
  /** `day` without `retryAfterMs`: closed until the provider's day is over. */
  readonly scope: 'minute' | 'day' | 'unknown';
  /** IANA zone of the provider's day. Default UTC. */
  readonly timezone?: string;
}

export interface Limiter {
  readonly kind: 'limiter';
  acquire(target: Target, demand: LimitDemand, options: AcquireOptions): Promise<Permit>;
  peek(target: Target, options?: { readonly limits: Limits; readonly demand: LimitDemand }): Promise<LimitState>;
  learn(target: Target, hint: LimitHint): void;
  close(): Promise<void>;
}
