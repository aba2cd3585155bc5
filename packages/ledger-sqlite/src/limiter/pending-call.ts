import {
  type AcquireOptions,
  type LimitDemand,
  type Permit,
  rateLimited,
  type Target,
  VibeError,
  zoneOf,
} from '@vibe/core';
import { errorOf } from '../main/failures.js';
import type { Waiter } from '../main/waiters.js';
import type { Outcome } from '../protocol.js';
import type { RateDesk } from './rate-desk.js';
import { acquireOrder, leaveOrder, type RateDecision, type RateNews } from './rate-orders.js';

/** A call that has asked for a permit and has none yet. */
export class PendingCall implements Waiter {
  readonly ticket: number;
  /** Of the ticket. */
  readonly id: string;
  readonly deadlineMs: number;
  sentAtMs = 0;
  readonly #desk: RateDesk;
  readonly #target: Target;
  readonly #demand: LimitDemand;
  readonly #options: AcquireOptions;
  readonly #askedAtMs: number;
  readonly #resolve: (permit: Permit) => void;
  readonly #reject: (error: VibeError) => void;
  readonly #onAbort = () => this.#giveUp(abortErrorOf(this.#options.signal));
  /** Its abort is none of its business any more. */
  readonly #stopHearing: () => void;
  /** Its place in line; 0 when it has none. */
  #ref = 0;
  #wasTold = false;
  /** The caller has what it asked for, or something else. What the writer says now comes too late. */
  #isOver = false;

  constructor(
    desk: RateDesk,
    target: Target,
    demand: LimitDemand,
    options: AcquireOptions,
    resolve: (permit: Permit) => void,
    reject: (error: VibeError) => void,
  ) {
    this.#desk = desk;
    this.#target = target;
    this.#demand = demand;
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.ticket = desk.nextTicket();
    this.id = pendingId(this.ticket);
    this.#askedAtMs = desk.now();
    this.deadlineMs = this.#askedAtMs + options.maxWaitMs;
    this.#stopHearing = options.onAbort?.(this.#onAbort) ?? whenAborted(options.signal, this.#onAbort);
  }

  /** Asks the writer, for as long as there is to wait. */
  ask(maxWaitMs: number): void {
    const { requests, tokens } = this.#demand;
    const order = acquireOrder({ ticket: this.ticket, requests, tokens, maxWaitMs, limits: this.#options.limits });
    this.#ref = 0;
    this.sentAtMs = performance.now();
    this.#desk.asked(this, this.#target);
    this.#desk.queue.rate(this.#target, order, this);
  }

  done(outcome: Outcome): void {
    this.#desk.answered(this);
    if (outcome?.kind === 'failed') {
      this.failed(errorOf(outcome.failure));
      return;
    }
    const decision = (outcome?.kind === 'value' ? outcome.value : null) as RateDecision;
    if (decision.kind === 'refused') this.#refused(decision);
    else if (this.#isOver) this.#leave(decision.ref);
    else if (decision.kind === 'admitted') this.#admitted(decision.ref, decision.atMs);
    else this.#waits(decision);
  }

  failed(error: VibeError): void {
    this.#desk.answered(this);
    this.#desk.failed(error);
    // The desk may be closed, or have been down before this one asked.
    this.goAlone();
  }

  /** After it has waited. */
  heard(news: RateNews): void {
    this.#desk.waitsNoMore(this);
    if (news.kind === 'admitted') this.#admitted(news.ref, news.atMs);
    else if (news.kind === 'refused') this.#refused(news);
    else this.ask(this.#leftMs);
  }

  /** The file cannot be used: the limits of this process decide, for what is left of the wait. */
  goAlone(): void {
    if (this.#isOver) return;
    this.#end();
    const { limits, onWait, ...options } = this.#options;
    const patience = { ...options, limits, maxWaitMs: this.#leftMs };
    // It was told already how long it waits.
    const told = this.#wasTold || onWait === undefined ? patience : { ...patience, onWait };
    this.#desk.alone.acquire(this.#target, this.#demand, told).then(
      (permit) => {
        const waitedMs = this.#desk.now() - this.#askedAtMs;
        this.#resolve(this.#desk.permitAlone(this.#target, this.#demand, limits, permit, waitedMs));
      },
      (error: unknown) => this.#reject(VibeError.from(error)),
    );
  }

  /** For who closes the desk. */
  giveUp(error: VibeError): void {
    this.#giveUp(error);
  }

  get #leftMs(): number {
    return Math.max(0, this.deadlineMs - this.#desk.now());
  }

  #admitted(ref: number, atMs: number): void {
    const { limits } = this.#options;
    const nowMs = this.#desk.now();
    // So late that others may have counted on its place being free again: it has to ask once more.
    const shortestMs = Math.min(this.#desk.minuteMs, limits.burst?.windowMs ?? Number.POSITIVE_INFINITY);
    if (nowMs - atMs >= shortestMs / 2) {
      this.#leave(ref);
      this.ask(this.#leftMs);
      return;
    }
    this.#end();
    this.#resolve(this.#desk.permit(this.#target, this.#demand, limits, ref, atMs, nowMs - this.#askedAtMs));
  }

  #waits({ ref, waitMs, place }: Extract<RateDecision, { kind: 'waiting' }>): void {
    this.#ref = ref;
    this.#desk.waits(this);
    if (this.#wasTold) return;
    this.#wasTold = true;
    try {
      this.#options.onWait?.(waitMs, place);
    } catch (error) {
      this.#giveUp(VibeError.from(error));
    }
  }

  #refused({ why, waitMs, isClosed }: Extract<RateDecision, { kind: 'refused' }>): void {
    if (this.#isOver) return;
    this.#end();
    const { limits, maxWaitMs } = this.#options;
    this.#reject(rateLimited(this.#target, { why, ask: { ...this.#demand, limits }, waitMs, maxWaitMs, isClosed }));
  }

  #giveUp(error: VibeError): void {
    if (this.#isOver) return;
    this.#end();
    if (this.#ref !== 0) this.#leave(this.#ref);
    this.#reject(error);
  }

  #leave(ref: number): void {
    this.#desk.tell(this.#target, leaveOrder(ref, zoneOf(this.#options.limits)));
  }

  #end(): void {
    this.#isOver = true;
    this.#stopHearing();
    this.#desk.waitsNoMore(this);
  }
}

export function pendingId(ticket: number): string {
  return `t${ticket}`;
}

function whenAborted(signal: AbortSignal, act: () => void): () => void {
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

export function abortErrorOf(signal: AbortSignal): VibeError {
  const reason: unknown = signal.reason;
  if (VibeError.is(reason)) return reason;
  return new VibeError('cancelled', 'The call was cancelled by its signal.', { cause: reason });
}
