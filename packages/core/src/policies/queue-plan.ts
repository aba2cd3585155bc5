import type { DayCounts } from './day-counts.js';
import type { SlidingLog, SlidingWindow } from './sliding-log.js';
import { type RateAsk, windowRules, zoneOf } from './window-rules.js';

/** What a plan starts from. */
export interface RateState {
  readonly log: SlidingLog;
  readonly days: DayCounts;
  /** Nobody may go before; 0 when the target is open. */
  readonly closedUntilMs: number;
  readonly inFlight: number;
}

/** When a call may go. */
export interface Turn {
  /** The earliest time that the windows allow, after everybody before. */
  readonly atMs: number;
  /** False: it also waits for a request in flight to end, and nobody knows when. */
  readonly known: boolean;
}

/** What somebody who has gone, or will go, takes of the windows. */
interface Load {
  readonly atMs: number;
  readonly requests: number;
  readonly tokens: number;
}

interface Reservation extends Load, Turn {
  /** The day it counts on; null when its requests per day are not limited. */
  readonly dayMs: number | null;
}

/** The front of a long line is cut off when so many have gone. */
const minCut = 1_024;

/**
 * Who may go when, if everybody goes in the order of the line and takes what was estimated: reserves forward from what
 * the windows hold. One more at the end costs the same however long the line is.
 */
export class QueuePlan {
  readonly #state: RateState;
  readonly madeAtMs: number;
  readonly #forecasts = new Map<SlidingWindow, Forecast>();
  /** Of everybody in line, in order. */
  readonly #line: Reservation[] = [];
  /** So many at the front have gone: the log has them now. */
  #gone = 0;
  /** Planned requests by the begin of their day. */
  readonly #days = new Map<number, number>();
  /** Whether somebody waits for a request in flight to end. */
  waitsForSlot = false;

  constructor(state: RateState, nowMs: number) {
    this.#state = state;
    this.madeAtMs = nowMs;
  }

  get length(): number {
    return this.#line.length - this.#gone;
  }

  /** Whether anybody's turn depends on tokens. */
  get countsTokens(): boolean {
    for (const { unit } of this.#forecasts.keys()) if (unit === 'tokens') return true;
    return false;
  }

  /** The turn of the one at `place`, counted from the front. */
  turn(place: number): Turn | undefined {
    return this.#line[this.#gone + place];
  }

  /** The turn that one more would get. */
  next(ask: RateAsk, nowMs: number): Turn {
    const { log, days, closedUntilMs, inFlight } = this.#state;
    const { rpd, concurrency } = ask.limits;
    let atMs = Math.max(nowMs, this.madeAtMs, closedUntilMs, this.#line.at(-1)?.atMs ?? 0);
    for (const { window, weight, limit } of windowRules(log, ask))
      atMs = Math.max(atMs, this.#forecast(window).earliestMs(weight, limit));
    if (rpd !== undefined) atMs = days.earliestMs(ask.requests, rpd, zoneOf(ask.limits), atMs, this.#plannedOn);
    const hasSlot = concurrency === undefined || inFlight + this.length < concurrency;
    return { atMs, known: hasSlot && !this.waitsForSlot };
  }

  /** Puts `ask` at the end, with the turn that `next` gave it. */
  reserve(ask: RateAsk, { atMs, known }: Turn): void {
    const { requests, tokens, limits } = ask;
    const { log, days } = this.#state;
    for (const { window, weight, limit } of windowRules(log, ask)) this.#forecast(window).walk(weight, limit);
    const dayMs = limits.rpd === undefined || !Number.isFinite(atMs) ? null : days.dayOf(zoneOf(limits), atMs);
    this.#line.push({ requests, tokens, atMs, known, dayMs });
    for (const forecast of this.#forecasts.values()) forecast.left += ask[forecast.window.unit];
    if (dayMs !== null) this.#days.set(dayMs, this.#plannedOn(dayMs) + requests);
    if (!known) this.waitsForSlot = true;
  }

  /**
   * The first in line has gone, and the log has it. False when the plan is void now: somebody's turn was counted from
   * the time at which it was to go.
   */
  firstHasGone(): boolean {
    const first = this.#line[this.#gone++];
    if (first !== undefined && first.dayMs !== null)
      this.#days.set(first.dayMs, this.#plannedOn(first.dayMs) - first.requests);
    if (this.#gone >= minCut && this.#gone * 2 >= this.#line.length) {
      this.#line.splice(0, this.#gone);
      this.#gone = 0;
    }
    for (const { cursor } of this.#forecasts.values()) if (cursor >= this.#state.log.end) return false;
    return true;
  }

  /** What lies at a place: the log goes over into the line. */
  at(place: number): Load | undefined {
    const { log } = this.#state;
    return place < log.end ? log.at(place) : this.#line[this.#gone + place - log.end];
  }

  readonly #plannedOn = (startMs: number): number => this.#days.get(startMs) ?? 0;

  #forecast(window: SlidingWindow): Forecast {
    let forecast = this.#forecasts.get(window);
    if (forecast === undefined) {
      window.expire(this.madeAtMs);
      let left = window.counted;
      for (let place = this.#gone; place < this.#line.length; place++) left += this.#line[place]?.[window.unit] ?? 0;
      forecast = new Forecast(this, window, left);
      this.#forecasts.set(window, forecast);
    }
    return forecast;
  }
}

/** One window as it will be: how far its front has moved for those who are in line. */
class Forecast {
  readonly #plan: QueuePlan;
  readonly window: SlidingWindow;
  /** What the window still holds from `cursor` on, the line included. */
  left: number;
  cursor: number;

  constructor(plan: QueuePlan, window: SlidingWindow, left: number) {
    this.#plan = plan;
    this.window = window;
    this.left = left;
    this.cursor = window.first;
  }

  /** When `weight` more fits; 0 when it fits already. */
  earliestMs(weight: number, limit: number): number {
    let excess = this.left + weight - limit;
    let earliestMs = 0;
    for (let place = this.cursor; excess > 0; place++) {
      const entry = this.#plan.at(place);
      if (entry === undefined) break;
      excess -= entry[this.window.unit];
      earliestMs = entry.atMs + this.window.windowMs;
    }
    return earliestMs;
  }

  /** Moves the front so far that `weight` more fits. */
  walk(weight: number, limit: number): void {
    while (this.left + weight > limit) {
      const entry = this.#plan.at(this.cursor);
      if (entry === undefined) break;
      this.left -= entry[this.window.unit];
      this.cursor++;
    }
  }
}
