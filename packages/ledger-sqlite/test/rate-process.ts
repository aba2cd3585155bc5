import type { LimitDemand, LimitState, Limits, TargetLimitsOptions } from '@vibe/core';
import { limitState } from '../src/limiter/limit-state.js';
import {
  acquireOrder,
  advanceCommand,
  endOrder,
  type RateDecision,
  type RateNews,
  type RateOrder,
  type RateStanding,
  stateOrder,
} from '../src/limiter/rate-orders.js';
import type { Outcome } from '../src/protocol.js';
import { Store } from '../src/write/store.js';
import { look, target } from './fixture.js';

let lastTicket = 0;

/** The writer of one process, called directly: its clock is the test's, and nothing happens by itself. */
export class RateProcess {
  readonly store: Store;
  readonly news: RateNews[] = [];
  /** Of the last acquire. Counted over all of them, so that a process can be opened again. */
  ticket = 0;

  constructor(path: string, owner: string, now: () => number, rates: TargetLimitsOptions = {}) {
    this.store = new Store({ path, timezone: 'UTC', owner, rates }, now);
  }

  acquire(limits: Limits, demand: Partial<LimitDemand> = {}, maxWaitMs = 0): RateDecision {
    lastTicket++;
    this.ticket = lastTicket;
    const order = { ticket: lastTicket, requests: 1, tokens: 0, maxWaitMs, limits, ...demand };
    const outcome = this.tell(acquireOrder(order));
    if (outcome?.kind !== 'value') throw new Error(`it was not decided: ${JSON.stringify(outcome)}`);
    return outcome.value as RateDecision;
  }

  /** What it has at hand. */
  standing(limits: Limits = {}): RateStanding {
    const outcome = this.tell(stateOrder({ requests: 1, tokens: 0 }, limits));
    if (outcome?.kind !== 'value') throw new Error(`it was not said: ${JSON.stringify(outcome)}`);
    return outcome.value as RateStanding;
  }

  /** Orders that arrive together. */
  tellAll(orders: readonly RateOrder[]): readonly Outcome[] {
    const { outcomes, rates } = this.store.run(
      orders.map((order) => ({ kind: 'rate', target: order === endOrder ? null : target, order })),
      [],
      false,
    );
    this.news.push(...rates);
    return outcomes;
  }

  tell(order: RateOrder): Outcome {
    return this.tellAll([order])[0] ?? null;
  }

  /** What its timer does. */
  look(): void {
    this.news.push(...this.store.run([advanceCommand], [], false).rates);
  }

  takeNews(): readonly RateNews[] {
    return this.news.splice(0);
  }
}

/** What the file says, read anew. */
export function stateOf(
  path: string,
  nowMs: number,
  limits: Limits = {},
  minuteMs?: number,
): Omit<LimitState, 'target'> {
  return look(path, (db) => limitState(db, { target, limits, demand: { requests: 1, tokens: 0 }, nowMs, minuteMs }));
}
