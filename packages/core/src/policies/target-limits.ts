import type { LimitState } from '../spec/limiter.js';
import { DayCounts } from './day-counts.js';
import { Deadlines } from './deadlines.js';
import { QueuePlan, type RateState, type Turn } from './queue-plan.js';
import type { RateAnswer, RateCall, RateProgress } from './rate-call.js';
import { type Admission, SlidingLog } from './sliding-log.js';
import { type RateAsk, tooSmallFor, windowRules, zoneOf } from './window-rules.js';

export interface TargetLimitsOptions {
  /** The length of "a minute". Tests have shorter ones. */
  readonly minuteMs?: number;
  /** How many may wait; more are refused. Default 100,000. */
  readonly maxWaiting?: number;
  /** Told of every admission that no window counts any more. */
  readonly onForget?: (admission: Admission) => void;
}

export const minuteMs = 60_000;
/** Bounds the memory of a line (20 MB); windows bound it earlier, slots do not. */
const defaultMaxWaiting = 100_000;

/**
 * What is used of one target's limits, and who waits for them: a pure state machine. Time is an argument, and is not to
 * go backwards much. First come, first served: nobody overtakes.
 *
 * Everybody is dated when they really go, so the windows are true whenever a timer fires. Before `ask`, call `advance`
 * if somebody of this process waits.
 */
export class TargetLimits<C extends RateCall> implements RateState {
  readonly log: SlidingLog;
  readonly days = new DayCounts();
  readonly #line = new Set<C>();
  readonly #deadlines = new Deadlines<C>((call) => this.#line.has(call));
  readonly #maxWaiting: number;
  /** How many in line another process lets go. */
  #theirs = 0;
  #closedUntilMs = 0;
  #inFlight = 0;
  /** Null when something has changed since it was made. */
  #plan: QueuePlan | null = null;
  #planBegin = 0;
  #lastMs = 0;

  constructor({ minuteMs: keepMs = minuteMs, maxWaiting, onForget }: TargetLimitsOptions = {}) {
    this.log = new SlidingLog(keepMs, onForget ?? null);
    this.#maxWaiting = maxWaiting ?? defaultMaxWaiting;
  }

  get closedUntilMs(): number {
    return this.#closedUntilMs;
  }

  /** Requests that have not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  set inFlight(requests: number) {
    // An end matters only to those who wait for one.
    if (requests > this.#inFlight || this.#plan?.waitsForSlot === true) this.#plan = null;
    this.#inFlight = Math.max(0, requests);
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** Whether nothing would be lost by forgetting this target. */
  isIdle(nowMs: number): boolean {
    return (
      this.#line.size === 0 &&
      this.#inFlight === 0 &&
      this.#closedUntilMs <= nowMs &&
      this.log.requests.used(nowMs) === 0 &&
      this.log.tokens.used(nowMs) === 0
    );
  }

  /** Lets `call` go, puts it in line, or refuses it: at once, when it would have to wait beyond its deadline. */
  ask(call: C, nowMs: number): RateAnswer {
    this.#keepTime(nowMs);
    if (tooSmallFor(call) !== null) return { kind: 'refused', why: 'never', waitMs: null };
    const { atMs, known } = this.#turn(call, nowMs);
    if (known && atMs <= nowMs) return { kind: 'admitted', admission: this.record(call, nowMs) };
    if (!(atMs <= call.deadlineMs) || atMs === Number.POSITIVE_INFINITY)
      return { kind: 'refused', why: 'late', waitMs: atMs - nowMs };
    if (!known && call.deadlineMs <= nowMs) return { kind: 'refused', why: 'slots', waitMs: null };
    if (this.#line.size >= this.#maxWaiting) return { kind: 'refused', why: 'full', waitMs: null };
    const place = this.#line.size;
    this.#planFor(nowMs).reserve(call, { atMs, known });
    this.#line.add(call);
    this.#deadlines.add(call);
    return { kind: 'waiting', waitMs: known ? atMs - nowMs : call.deadlineMs - nowMs, known, place };
  }

  /** Lets go whose turn has come, refuses whose deadline has passed. */
  advance(nowMs: number): RateProgress<C> {
    if (this.#line.size === 0) return nothing;
    this.#keepTime(nowMs);
    const admitted: { call: C; admission: Admission }[] = [];
    const refused: C[] = [];
    for (;;) {
      const turnMs = this.#letGo(nowMs, admitted);
      // A closed target does not open earlier, so nobody needs to wait in vain.
      const late = this.#deadlines.takeDue(Math.max(nowMs, this.#closedUntilMs - 1));
      if (late === undefined) return { admitted, refused, nextMs: Math.min(turnMs, this.#deadlines.nextMs) };
      this.leave(late);
      refused.push(late);
    }
  }

  /** Counts a call that goes now, whether it fits or not. */
  record(call: C, nowMs: number): Admission {
    const admission = this.log.add(call.id, nowMs, call.requests, call.tokens);
    this.days.add(call.requests, zoneOf(call.limits), nowMs);
    this.#inFlight++;
    // Of those in line the plan knows.
    if (!this.#line.has(call)) this.#plan = null;
    return admission;
  }

  /** Gives up waiting. False when it did not wait. */
  leave(call: C): boolean {
    if (!this.#line.delete(call)) return false;
    if (!call.mine) this.#theirs--;
    this.#plan = null;
    return true;
  }

  /** The tokens that were really used replace the estimate, at the time of the request. */
  correct(admission: Admission, tokens: number): void {
    this.log.change(admission, admission.requests, tokens);
    if (this.#plan?.countsTokens === true) this.#plan = null;
  }

  /** The request was never sent: it counts no more. */
  giveBack(admission: Admission, timezone: string): void {
    this.days.add(-admission.requests, timezone, admission.atMs);
    this.log.change(admission, 0, 0);
    this.#plan = null;
  }

  /** The request left later than it was let go. */
  redate(admission: Admission, atMs: number): void {
    this.log.redate(admission, atMs);
    this.#plan = null;
  }

  /** Takes over what somebody else has changed of an admission. */
  amend(admission: Admission, atMs: number, requests: number, tokens: number): void {
    if (atMs !== admission.atMs) this.log.redate(admission, atMs);
    this.log.change(admission, requests, tokens);
    this.#plan = null;
  }

  /** Nobody goes before `untilMs`, or before what was said earlier, whichever is later. */
  closeUntil(untilMs: number): void {
    if (untilMs <= this.#closedUntilMs) return;
    this.#closedUntilMs = untilMs;
    this.#plan = null;
  }

  /** Counts a request that was let go elsewhere. */
  restore(id: number, atMs: number, requests: number, tokens: number): Admission {
    this.#plan = null;
    return this.log.add(id, atMs, requests, tokens);
  }

  /** Puts a call in line that was put there elsewhere. */
  join(call: C): void {
    this.#line.add(call);
    if (call.mine) this.#deadlines.add(call);
    else this.#theirs++;
    this.#plan = null;
  }

  /** What is used, and how long one more would wait, as if a slot were free. */
  state(ask: RateAsk, nowMs: number): Omit<LimitState, 'target'> {
    this.#keepTime(nowMs);
    const atMs = tooSmallFor(ask) === null ? this.#turn(ask, nowMs).atMs : Number.POSITIVE_INFINITY;
    return {
      requestsInMinute: this.log.requests.used(nowMs),
      tokensInMinute: this.log.tokens.used(nowMs),
      requestsToday: this.days.used(zoneOf(ask.limits), nowMs),
      inFlight: this.#inFlight,
      waiting: this.#line.size,
      blockedUntilMs: this.#closedUntilMs > nowMs ? this.#closedUntilMs : null,
      nextFreeInMs: atMs - nowMs,
    };
  }

  #turn(ask: RateAsk, nowMs: number): Turn {
    if (this.#line.size > 0) return this.#planFor(nowMs).next(ask, nowMs);
    const { rpd, concurrency } = ask.limits;
    let atMs = Math.max(nowMs, this.#closedUntilMs);
    for (const { window, weight, limit } of windowRules(this.log, ask))
      atMs = Math.max(atMs, window.earliestMs(weight, limit, nowMs));
    if (rpd !== undefined) atMs = this.days.earliestMs(ask.requests, rpd, zoneOf(ask.limits), atMs);
    return { atMs, known: concurrency === undefined || this.#inFlight < concurrency };
  }

  /** Lets go whose turn has come. Returns when the first of this process that has to stay will go. */
  #letGo(nowMs: number, admitted: { call: C; admission: Admission }[]): number {
    for (;;) {
      const plan = this.#planFor(nowMs);
      // A plan made now has everybody go exactly when planned; after an older one some are late.
      const isExact = plan.madeAtMs === nowMs;
      let isValid = true;
      let nextMs = Number.POSITIVE_INFINITY;
      let place = 0;
      for (const call of this.#line) {
        const turn = plan.turn(place);
        if (turn === undefined || !turn.known) break;
        if (call.mine && turn.atMs > nowMs) {
          nextMs = turn.atMs;
          break;
        }
        // Whom another process lets go keeps what is reserved for it, and holds up nobody else.
        if (!call.mine) {
          place++;
          continue;
        }
        const admission = this.record(call, nowMs);
        admitted.push({ call, admission });
        this.#line.delete(call);
        if (isValid && place === 0) isValid = admission.place === this.log.end - 1 && plan.firstHasGone();
        else {
          isValid = false;
          place++;
        }
        if (!isValid && !isExact) break;
      }
      if (!isValid) this.#plan = null;
      if (isValid || isExact) return nextMs;
    }
  }

  #planFor(nowMs: number): QueuePlan {
    const cached = this.#plan;
    // A log that was cut has other places. Who is let go elsewhere may be late already, which only a new plan knows.
    const isValid = this.#planBegin === this.log.begin && (this.#theirs === 0 || cached?.madeAtMs === nowMs);
    if (cached !== null && isValid) return cached;
    const plan = new QueuePlan(this, nowMs);
    for (const call of this.#line) plan.reserve(call, plan.next(call, nowMs));
    this.#planBegin = this.log.begin;
    this.#plan = plan;
    return plan;
  }

  /** After a clock that was set back. */
  #keepTime(nowMs: number): void {
    if (nowMs < this.#lastMs && this.log.noFuture(nowMs)) this.#plan = null;
    this.#lastMs = nowMs;
  }
}

const nothing: RateProgress<never> = { admitted: [], refused: [], nextMs: Number.POSITIVE_INFINITY };
