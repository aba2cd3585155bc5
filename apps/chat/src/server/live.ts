import { type BudgetState, describeTarget, nanoUsdOf, type Vibe } from '@vibe/core';
import type { Circuit, LiveState } from '../wire.js';
import type { Faults } from './faults.js';

/** Budgets are read anew at least this often: other programs may spend from the same ledger, and days end. */
const heartbeatMs = 10_000;
/** More model × endpoint pairs than the app ever meets. */
const maxCircuits = 200;

/** What all open pages see, and when it changes. */
export class LiveBoard {
  #version = 0;
  #closed = false;
  readonly #circuits = new Map<string, Circuit>();
  readonly #waiting = new Set<() => void>();

  readonly #vibe: Vibe;
  readonly #faults: Faults;
  readonly #conversationLimitUsd: number;

  constructor(vibe: Vibe, faults: Faults, conversationLimitUsd: number) {
    this.#vibe = vibe;
    this.#faults = faults;
    this.#conversationLimitUsd = conversationLimitUsd;
    for (const type of ['hold', 'extend', 'settle'] as const) vibe.on(type, () => this.changed());
    // The row of a call that never left is written when there is time: here somebody watches.
    vibe.on('blocked', () => void vibe.flush().then(() => this.changed(), ignored));
    vibe.on('breaker', ({ target, to }) => {
      if (this.#circuits.size >= maxCircuits) this.#circuits.clear();
      this.#circuits.set(describeTarget(target), { target, state: to });
      this.changed();
    });
  }

  /** True once the server ends: then nobody may ask any more. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.changed();
  }

  changed(): void {
    this.#version++;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  /** Budgets of the day, and of this conversation only. */
  async state(conversation: string): Promise<LiveState> {
    const [day, ...conversations] = await this.#vibe.budgets();
    if (day === undefined) throw new Error('The client has a budget for the day.');
    const own = conversations.find(({ scope }) => scope.endsWith(`=${conversation}`));
    const budgets = [day, own ?? unused(day, this.#conversationLimitUsd)];
    return { budgets, circuits: [...this.#circuits.values()], regions: this.#faults.states() };
  }

  /** Resolves when there is something newer than `version`, after a heartbeat, or when the page has left. */
  async after(version: number, signal: AbortSignal): Promise<void> {
    if (this.#version !== version || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, heartbeatMs);
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

/** A conversation without a message has no window yet. */
function unused(day: BudgetState, limitUsd: number): BudgetState {
  const limitNanoUsd = nanoUsdOf(limitUsd);
  return {
    ...day,
    id: 'conversation',
    limitUsd,
    limitNanoUsd,
    spentUsd: 0,
    spentNanoUsd: 0,
    heldUsd: 0,
    heldNanoUsd: 0,
    remainingUsd: limitUsd,
    remainingNanoUsd: limitNanoUsd,
  };
}

/** A ledger that cannot be written tells so where it matters. */
function ignored(): void {}
