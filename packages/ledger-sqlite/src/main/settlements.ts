import { type NanoUsd, type Settlement, VibeError } from '@vibe/core';
import type { SettleCommand } from '../protocol.js';
import { assertSettlement } from './checks.js';
import type { MainCharge } from './charge-table.js';
import { errorOf } from './failures.js';
import type { CallParts } from './holds.js';
import type { OpenCall } from './open-calls.js';
import { attemptRow, tagsJsonOf, targetText, unsentRow } from './rows.js';

/** Settlements that could not be written are tried again this often. */
const retryEveryMs = 5_000;
/** More money than this waiting for a broken ledger is told as lost. */
const maxOverdue = 10_000;
/** How long a settlement waits for room in a full queue. */
const maxQueueWaitMs = 30_000;

type Command = SettleCommand<MainCharge>;

/** Ends calls. What cannot be written is kept and tried again while the process lives: known spend is never dropped. */
export class Settlements {
  readonly #parts: CallParts;
  readonly #overdue = new Map<string, Command>();
  #retryTimer: NodeJS.Timeout | null = null;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  async settle(callId: string, settlement: Settlement): Promise<void> {
    assertSettlement(settlement);
    const { queue, calls, counters } = this.#parts;
    const call = calls.get(callId);
    const command = this.#commandOf(callId, settlement, call);
    if (call !== undefined) this.#count(call, settlement);
    if (!queue.hasRoom) {
      counters.queueFull += 1;
      await queue.room(maxQueueWaitMs);
    }
    return this.#post(command);
  }

  /** Writes what is overdue now. Rejects when the ledger still cannot take it. */
  async retry(): Promise<void> {
    const waiting = [...this.#overdue.values()];
    const results = await Promise.allSettled(waiting.map((command) => this.#post(command)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    const error = VibeError.from(failed.reason, 'ledger_unavailable');
    throw new VibeError('ledger_unavailable', `${this.#overdue.size} settled calls are not written yet. ${error.message}`, {
      next: error.next,
      details: { ...error.details, overdueSettlements: this.#overdue.size },
      cause: error,
    });
  }

  stop(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }

  #post(command: Command): Promise<void> {
    const { queue, calls } = this.#parts;
    const { callId } = command;
    return new Promise((resolve, reject) => {
      const failed = (error: VibeError) => {
        if (error.code === 'ledger_unavailable') this.#keep(command);
        reject(error);
      };
      queue.settle(command, {
        failed,
        done: (outcome) => {
          if (outcome?.kind === 'failed') return failed(errorOf(outcome.failure));
          calls.delete(callId);
          this.#overdue.delete(callId);
          this.#parts.counters.overdueSettlements = this.#overdue.size;
          resolve();
        },
      });
    });
  }

  /** The view follows a call once, however often its settlement is repeated. */
  #count(call: OpenCall, settlement: Settlement): void {
    if (call.settled) return;
    call.settled = true;
    const { view } = this.#parts;
    view.add(call.charges, spentOf(settlement), call.recorded ? -call.amountNanoUsd : 0);
    if (!call.recorded) view.addUnrecorded(call.charges, -call.amountNanoUsd);
  }

  #commandOf(callId: string, settlement: Settlement, call: OpenCall | undefined): Command {
    const { status, attempts, actualNanoUsd, downgradedFrom } = settlement;
    const tags = settlement.tags ?? call?.request.tags;
    const heldTarget = call?.request.target ?? null;
    return {
      kind: 'settle',
      callId,
      // Another process's call may be strict; an fsync too many costs less than a lost settlement.
      strict: call?.strict ?? true,
      status,
      actualNanoUsd,
      traceId: settlement.traceId ?? call?.request.traceId ?? null,
      tagsJson: tags === undefined ? null : tagsJsonOf(tags),
      downgradedFrom: downgradedFrom === undefined ? null : targetText(downgradedFrom),
      attempts: attempts.length === 0 ? [unsentRow(settlement, heldTarget, this.#parts.now())] : attempts.map(attemptRow),
      // A best-effort hold may not have reached the file.
      charges: call === undefined || call.strict ? [] : call.charges,
    };
  }

  #keep(command: Command): void {
    const { counters, notices, path } = this.#parts;
    if (this.#overdue.size >= maxOverdue && !this.#overdue.has(command.callId)) {
      counters.lostSettlements += 1;
      notices.warn('ledger_unavailable', `The ledger ${path} has been down for so long that settlements are lost.`, {
        lostSettlements: counters.lostSettlements,
      });
      return;
    }
    this.#overdue.set(command.callId, command);
    counters.overdueSettlements = this.#overdue.size;
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = null;
      this.retry().catch((error: unknown) => notices.warn('ledger_unavailable', VibeError.from(error).message));
    }, retryEveryMs).unref();
  }
}

function spentOf({ actualNanoUsd, attempts }: Settlement): NanoUsd {
  if (actualNanoUsd !== null) return actualNanoUsd;
  let sum = 0;
  for (const attempt of attempts) sum += attempt.actualNanoUsd ?? 0;
  return sum;
}
