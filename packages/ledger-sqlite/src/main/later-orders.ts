import type { Target } from '@vibe/core';
import type { RateOrder } from '../limiter/rate-orders.js';
import type { Waiter } from './waiters.js';

/** How long an order may wait for another to ride on. Much shorter than any window that is counted, or any request. */
const laterMs = 5;

interface LaterOrder {
  readonly target: Target | null;
  readonly order: RateOrder;
  readonly waiter: Waiter;
}

/**
 * Orders of the limits that nobody waits for: they ride on the next order that somebody waits for, or go after a moment. A
 * settlement does not take them along: its caller would wait while pages are written that the next hold writes anyway.
 */
export class LaterOrders {
  readonly #sendOne: (target: Target | null, order: RateOrder, waiter: Waiter) => void;
  #orders: LaterOrder[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(sendOne: (target: Target | null, order: RateOrder, waiter: Waiter) => void) {
    this.#sendOne = sendOne;
  }

  get count(): number {
    return this.#orders.length;
  }

  add(order: LaterOrder): void {
    this.#orders.push(order);
    // The process lives until it is sent.
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.send();
    }, laterMs);
  }

  /** Before everything that is to see what they change. */
  send(): void {
    if (this.#orders.length === 0) return;
    const orders = this.#orders;
    this.#orders = [];
    for (const { target, order, waiter } of orders) this.#sendOne(target, order, waiter);
  }
}
