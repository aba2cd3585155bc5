import { VibeError } from '../errors/vibe-error.js';
import { abortError } from '../flow/abort.js';
import { elapsedMs } from '../flow/elapsed.js';
import { closedUntilMs } from '../policies/closed-until.js';
import type { RateCall } from '../policies/rate-call.js';
import { rateLimited } from '../policies/rate-limited.js';
import type { Admission } from '../policies/sliding-log.js';
import { TargetLimits, type TargetLimitsOptions } from '../policies/target-limits.js';
import { counted, zoneOf } from '../policies/window-rules.js';
import type { AcquireOptions, LimitDemand, LimitHint, LimitState, Limits, Permit } from '../spec/limiter.js';
import type { Target } from '../spec/target.js';

/** The longest delay a timer can keep. */
const maxTimerMs = 2_147_483_647;

/** A limiter that is closed lets nobody go. */
export function closedError(): VibeError {
  return new VibeError('cancelled', 'The limiter is closed. Nothing was sent; make a new client to go on.');
}

const noop = (): void => undefined;

/** A call that waits for its permit. */
class LocalCall implements RateCall {
  readonly id = 0;
  readonly mine = true;
  readonly requests: number;
  readonly tokens: number;
  readonly limits: Limits;
  readonly askedAtMs: number;
  readonly deadlineMs: number;
  resolve: (permit: Permit) => void = noop;
  reject: (error: VibeError) => void = noop;
  /** Removes the listener on the signal. */
  settled: () => void = noop;

  constructor({ requests, tokens }: LimitDemand, limits: Limits, maxWaitMs: number, nowMs: number) {
    this.requests = counted(requests);
    this.tokens = counted(tokens);
    this.limits = limits;
    this.askedAtMs = nowMs;
    this.deadlineMs = nowMs + maxWaitMs;
  }
}

/** One target: its limits, those who wait for it, and the one timer that wakes them. */
export class LocalTarget {
  readonly limits: TargetLimits<LocalCall>;
  readonly #target: Target;
  readonly #now: () => number;
  readonly #waiting = new Set<LocalCall>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(target: Target, now: () => number, options: TargetLimitsOptions) {
    this.#target = target;
    this.#now = now;
    this.limits = new TargetLimits(options);
  }

  acquire(demand: LimitDemand, options: AcquireOptions): Promise<Permit> {
    const { limits, maxWaitMs, onWait, onAbort } = options;
    if (onAbort === undefined && options.signal.aborted) return Promise.reject(abortError(options.signal));
    this.#advance();
    const nowMs = this.#now();
    const call = new LocalCall(demand, limits, maxWaitMs, nowMs);
    const answer = this.limits.ask(call, nowMs);
    if (answer.kind === 'admitted') return Promise.resolve(localPermit(this, answer.admission, limits, 0));
    if (answer.kind === 'refused') {
      const { why, waitMs } = answer;
      const isClosed = this.limits.closedUntilMs > nowMs;
      return Promise.reject(rateLimited(this.#target, { why, ask: call, waitMs, maxWaitMs, isClosed }));
    }
    const permit = this.#wait(call, options.signal);
    try {
      onWait?.(answer.waitMs, answer.place);
    } catch (error) {
      this.#giveUp(call, VibeError.from(error));
    }
    this.#advance();
    return permit;
  }

  record(demand: LimitDemand, limits: Limits): Permit {
    const call = new LocalCall(demand, limits, 0, this.#now());
    return localPermit(this, this.limits.record(call, call.askedAtMs), limits, 0);
  }

  state(limits: Limits, { requests, tokens }: LimitDemand): LimitState {
    const ask = { requests: counted(requests), tokens: counted(tokens), limits };
    return { target: this.#target, ...this.limits.state(ask, this.#now()) };
  }

  learn(hint: LimitHint): void {
    this.limits.closeUntil(closedUntilMs(hint, this.#now()));
    this.#advance();
  }

  correct(admission: Admission, tokens: number): void {
    this.limits.correct(admission, counted(tokens));
    this.#advance();
  }

  end(admission: Admission, limits: Limits, isSent: boolean): void {
    this.limits.inFlight--;
    if (!isSent) this.limits.giveBack(admission, zoneOf(limits));
    this.#advance();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const call of this.#waiting) this.#giveUp(call, closedError());
  }

  #wait(call: LocalCall, signal: AbortSignal): Promise<Permit> {
    this.#waiting.add(call);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#giveUp(call, abortError(signal));
        // Those behind it move up.
        this.#advance();
      };
      call.resolve = resolve;
      call.reject = reject;
      call.settled = () => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Tells those whose wait is over, and sets the timer for the next. */
  #advance(): void {
    if (this.limits.waiting === 0 && this.#timer === undefined) return;
    const nowMs = this.#now();
    const { admitted, refused, nextMs } = this.limits.advance(nowMs);
    for (const { call, admission } of admitted) {
      this.#over(call);
      call.resolve(localPermit(this, admission, call.limits, elapsedMs(call.askedAtMs, nowMs)));
    }
    for (const call of refused) {
      this.#over(call);
      call.reject(this.#tooLate(call, nowMs));
    }
    this.#wakeAt(nextMs, nowMs);
  }

  #over(call: LocalCall): void {
    this.#waiting.delete(call);
    call.settled();
  }

  #giveUp(call: LocalCall, error: VibeError): void {
    this.limits.leave(call);
    this.#over(call);
    call.reject(error);
  }

  /** Its turn did not come in time: others took more than they had asked for, a 429 came, or no request ended. */
  #tooLate(call: LocalCall, nowMs: number): VibeError {
    const { inFlight, closedUntilMs: untilMs } = this.limits;
    const isClosed = untilMs > nowMs;
    const noSlot = inFlight >= (call.limits.concurrency ?? Number.POSITIVE_INFINITY) && !isClosed;
    return rateLimited(this.#target, {
      why: noSlot ? 'slots' : 'late',
      ask: call,
      waitMs: noSlot ? null : this.limits.state(call, nowMs).nextFreeInMs,
      maxWaitMs: call.deadlineMs - call.askedAtMs,
      isClosed,
    });
  }

  #wakeAt(atMs: number, nowMs: number): void {
    if (atMs === this.#wakeAtMs && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAtMs = atMs;
    if (this.limits.waiting === 0) return;
    const delayMs = Math.min(maxTimerMs, Math.max(1, Math.ceil(atMs - nowMs)));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#advance();
    }, delayMs);
  }
}

/** A plain object, so that it can be wrapped by spreading it. */
function localPermit(owner: LocalTarget, admission: Admission, limits: Limits, waitedMs: number): Permit {
  let corrected = false;
  let released = false;
  return {
    waitedMs,
    correct(tokens) {
      corrected = true;
      owner.correct(admission, tokens);
    },
    release(outcome) {
      if (released) return;
      released = true;
      owner.end(admission, limits, outcome?.dispatched ?? corrected);
    },
  };
}
