import { strictEqual } from 'node:assert/strict';
import type { BudgetMode, Hold, HoldRequest, Ledger, ResolvedBudget, Settlement } from '@vibe/core';
import { TestClock } from '../clock.js';
import { present } from '../expect.js';
import { partOf } from '../parts.js';
import { attemptOf, budgetOf, holdRequestOf, settlementOf } from './samples.js';
import type { LedgerContractOptions, LedgerSubject } from './subject.js';

/** The zone of every ledger under test: UTC+8 all year round, so that it is never mistaken for UTC. */
export const ledgerTimezone = 'Asia/Shanghai';

/** What a test is given: an empty ledger at noon, in a world whose time it moves. */
export class LedgerBench {
  readonly mode: BudgetMode;
  readonly clock: TestClock;
  readonly #subject: LedgerSubject;
  #ledger: Ledger;
  #calls = 0;

  static async open(options: LedgerContractOptions, mode: BudgetMode = 'strict_budget'): Promise<LedgerBench> {
    const clock = new TestClock('2026-03-10T12:00:00Z');
    return new LedgerBench(await options.create({ now: clock.now, timezone: ledgerTimezone }), clock, mode);
  }

  private constructor(subject: LedgerSubject, clock: TestClock, mode: BudgetMode) {
    this.#subject = subject;
    this.#ledger = partOf('ledger', subject.ledger, clock.now);
    this.clock = clock;
    this.mode = mode;
  }

  get ledger(): Ledger {
    return this.#ledger;
  }

  budget(fields: Partial<ResolvedBudget> = {}): ResolvedBudget {
    return budgetOf({ mode: this.mode, ...fields });
  }

  /** A hold of a new call, or of `fields.callId`. */
  hold(amountNanoUsd: number, budgets: readonly ResolvedBudget[], fields: Partial<HoldRequest> = {}): Promise<Hold> {
    return this.#ledger.hold(this.holdRequest(amountNanoUsd, budgets, fields));
  }

  holdRequest(
    amountNanoUsd: number,
    budgets: readonly ResolvedBudget[],
    fields: Partial<HoldRequest> = {},
  ): HoldRequest {
    const callId = fields.callId ?? this.newCallId();
    return holdRequestOf({ strict: this.mode === 'strict_budget', budgets, ...fields, callId, amountNanoUsd });
  }

  newCallId(): string {
    this.#calls++;
    return `call-${String(this.#calls).padStart(6, '0')}`;
  }

  /** Ends a call with one answered request. Null: nobody knows what it cost. */
  settle(callId: string, actualNanoUsd: number | null, fields: Partial<Settlement> = {}): Promise<void> {
    const attempt = attemptOf({ startedAtMs: this.clock.now() - 1_000, actualNanoUsd });
    return this.#ledger.settle(callId, settlementOf([attempt], fields));
  }

  /** A whole call: held, and settled at the same amount. */
  async spend(nanoUsd: number, budgets: readonly ResolvedBudget[], fields: Partial<HoldRequest> = {}): Promise<string> {
    const { callId } = await this.hold(nanoUsd, budgets, fields);
    await this.settle(callId, nanoUsd);
    return callId;
  }

  /** What the window of a budget holds now. */
  async gauge(budget: ResolvedBudget): Promise<{ spent: number; held: number; remaining: number }> {
    await this.#ledger.flush();
    const states = await this.#ledger.budgets({ budgets: [budget] });
    strictEqual(states.length, 1, `one gauge for the budget "${budget.id}"`);
    const { spentNanoUsd, heldNanoUsd, remainingNanoUsd } = present(states[0], 'the gauge');
    return { spent: spentNanoUsd, held: heldNanoUsd, remaining: remainingNanoUsd };
  }

  /** Whether the store of this ledger outlives it. */
  get canReopen(): boolean {
    return this.#subject.reopen !== undefined;
  }

  /** Closes the ledger and goes on with its store, as the next process would. */
  async reopen(): Promise<void> {
    const reopen = present(this.#subject.reopen, 'reopen');
    await this.#ledger.close();
    this.#ledger = partOf('ledger', await reopen.call(this.#subject), this.clock.now);
  }

  async close(): Promise<void> {
    await this.#ledger.close();
    await this.#subject.close();
  }
}

/** Tests by name; each gets a ledger of its own. */
export type LedgerTheme = Readonly<Record<string, (bench: LedgerBench) => Promise<void>>>;
