import { chargeOfCall, chargeOfScope, type Settlement, VibeError } from '@vibe/core';
import type { SettleOrder } from '../encode.js';
import type { Outcome } from '../protocol.js';
import { tagsJsonOf } from '../row-values.js';
import { errorOf } from './failures.js';
import type { CallParts } from './holds.js';
import type { OpenCall } from './open-calls.js';
import { RetryTimer } from './retry-timer.js';
import { unsentRow } from './rows.js';
import type { Waiter } from './waiters.js';

/** Settlements that could not be written are tried again this often. */
const retryEveryMs = 5_000;
/** More money than this waiting for a broken ledger is told as lost. */
const maxOverdue = 10_000;
/** How long a settlement waits for room in a full queue. */
const maxQueueWaitMs = 30_000;

/** Ends calls. What cannot be written is kept and tried again while the process lives: known spend is never dropped. */
export class Settlements {
  readonly #parts: CallParts;
  readonly #overdue = new Map<string, SettleOrder>();
  readonly #timer = new RetryTimer(retryEveryMs, () => this.#retryOrWarn());

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  settle(callId: string, settlement: Settlement): Promise<void> {
    const { queue, calls } = this.#parts;
    const call = calls.get(callId);
    const order = this.#orderOf(callId, settlement, call);
    if (call !== undefined) this.#count(call, settlement);
    return queue.hasRoom ? this.#post(order) : this.#postWhenRoom(order);
  }

  get areOverdue(): boolean {
    return this.#overdue.size > 0;
  }

  /** Writes what is overdue now. Rejects when the ledger still cannot take it. */
  readonly retry = async (): Promise<void> => {
    const waiting = [...this.#overdue.values()];
    const results = await Promise.allSettled(waiting.map((order) => this.#post(order)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) this.refuseUnwritten(failed.reason);
  };

  /** Throws when settlements are overdue; `reason` is why the ledger cannot take them. */
  readonly refuseUnwritten = (reason: unknown): void => {
    if (this.#overdue.size === 0) return;
    const error = VibeError.from(reason, 'ledger_unavailable');
    throw new VibeError(
      'ledger_unavailable',
      `${this.#overdue.size} settled calls are not written yet. ${error.message}`,
      {
        next: error.next,
        details: { ...error.details, overdueSettlements: this.#overdue.size },
        cause: error,
      },
    );
  };

  stop(): void {
    this.#timer.stop();
  }

  async #postWhenRoom(order: SettleOrder): Promise<void> {
    this.#parts.counters.queueFull += 1;
    await this.#parts.queue.room(maxQueueWaitMs);
    return this.#post(order);
  }

  #post(order: SettleOrder): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#parts.queue.settle(order, new PendingSettlement(this, order, resolve, reject));
    });
  }

  written(callId: string): void {
    this.#parts.calls.delete(callId);
    if (this.#overdue.size === 0) return;
    this.#overdue.delete(callId);
    this.#parts.counters.overdueSettlements = this.#overdue.size;
  }

  /** The view follows a call once, however often its settlement is repeated. */
  #count(call: OpenCall, settlement: Settlement): void {
    if (call.settled) return;
    call.settled = true;
    const { view } = this.#parts;
    const unknownNanoUsd = call.strict ? call.amountNanoUsd : 0;
    const { target } = call.request;
    // What its first budgets were matched with, they count.
    const isEvenly = !call.joined && settlement.attempts.every((attempt) => attempt.target === target);
    const wholeNanoUsd = isEvenly ? (chargeOfCall(settlement, unknownNanoUsd) ?? 0) : 0;
    view.addSpent(call.charges, (scope) =>
      isEvenly ? wholeNanoUsd : chargeOfScope(scope, settlement, unknownNanoUsd),
    );
    if (call.recorded) view.addHeld(call.charges, -call.amountNanoUsd);
    else view.addUnrecorded(call.charges, -call.amountNanoUsd);
  }

  #orderOf(callId: string, settlement: Settlement, call: OpenCall | undefined): SettleOrder {
    const { tags } = settlement;
    const sameTags = tags === undefined || tags === call?.request.tags;
    const heldTarget = call?.request.target ?? null;
    return {
      callId,
      settlement,
      // Another process's call may be strict; an fsync too many costs less than a lost settlement.
      strict: call?.strict ?? true,
      traceId: settlement.traceId ?? call?.request.traceId ?? null,
      tagsJson: sameTags ? (call?.tagsJson ?? null) : tagsJsonOf(tags),
      unsent: settlement.attempts.length === 0 ? unsentRow(settlement, heldTarget, this.#parts.now()) : null,
      // A best-effort hold may not have reached the file.
      idempotencyKey: call === undefined || call.strict ? null : (call.request.idempotencyKey ?? null),
      charges: call === undefined || call.strict ? [] : call.charges,
    };
  }

  /** For another try. */
  keep(order: SettleOrder): void {
    const { counters, notices, path, queue } = this.#parts;
    const isFull = this.#overdue.size >= maxOverdue && !this.#overdue.has(order.callId);
    if (isFull || queue.isClosed) {
      counters.lostSettlements += 1;
      const why = queue.isClosed ? 'is closed' : 'has been down for too long';
      notices.warn('ledger_unavailable', `The ledger ${path} ${why}: settlements are lost.`, {
        lostSettlements: counters.lostSettlements,
      });
      return;
    }
    this.#overdue.set(order.callId, order);
    counters.overdueSettlements = this.#overdue.size;
    this.#timer.start();
  }

  #retryOrWarn(): void {
    const { notices } = this.#parts;
    this.retry().catch((error: unknown) => notices.warn('ledger_unavailable', VibeError.from(error).message));
  }
}

/** A settlement that waits for the writer. */
class PendingSettlement implements Waiter {
  readonly #settlements: Settlements;
  readonly #order: SettleOrder;
  readonly #resolve: () => void;
  readonly #reject: (error: VibeError) => void;

  constructor(settlements: Settlements, order: SettleOrder, resolve: () => void, reject: (error: VibeError) => void) {
    this.#settlements = settlements;
    this.#order = order;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  done(outcome: Outcome): void {
    if (outcome?.kind === 'failed') {
      this.failed(errorOf(outcome.failure));
    } else {
      this.#settlements.written(this.#order.callId);
      this.#resolve();
    }
  }

  failed(error: VibeError): void {
    if (error.code === 'ledger_unavailable') this.#settlements.keep(this.#order);
    this.#reject(error);
  }
}
