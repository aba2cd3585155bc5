import { type BudgetCrossing, budgetExceeded, type Hold, type HoldRequest, VibeError } from '@vibe/core';
import type { HoldOrder } from '../encode.js';
import type { Outcome } from '../protocol.js';
import { closedError, errorOf } from './failures.js';
import { type CallParts, holdOrder, openCallOf, recordedHold } from './holds.js';
import type { OpenCall } from './open-calls.js';
import { within } from './within.js';

/** How long a call waits for the file's totals before it goes by what it knows. */
export const maxViewWaitMs = 1_000;
/** How long it waits for room in a full queue. */
const maxQueueWaitMs = 250;
/** After the ledger did not answer, calls do not wait for it again for so long. */
const quietAfterFailureMs = 1_000;

/** Holds that are judged by this process's view and do not wait for the disk. */
export class BestEffortHolds {
  readonly #parts: CallParts;
  #downUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  async hold(request: HoldRequest): Promise<Hold> {
    const { queue, view, calls, file, counters } = this.#parts;
    if (queue.isClosed) throw closedError(this.#parts.path);
    let down = file.timezone === null ? await file.openInTime() : null;
    if (down !== null) this.#tell(down);
    const charges = this.#parts.charges.chargesOf(request.budgets, file.likelyTimezone, this.#parts.now());
    if (down === null) {
      const refreshing = view.refresh(charges);
      if (refreshing !== null) down = await this.#inTime(refreshing);
    }
    const hasRoom = queue.hasRoom || (await queue.room(maxQueueWaitMs));
    if (!hasRoom) counters.queueFull += 1;

    // From here to the post nothing waits: what is judged is what is then counted.
    const { callId, amountNanoUsd } = request;
    const known = calls.get(callId);
    if (known !== undefined) return { callId, amountNanoUsd: known.amountNanoUsd, crossings: [] };
    const refusal = view.refusal(charges, amountNanoUsd, amountNanoUsd);
    if (refusal !== null) {
      if (hasRoom && down === null) await this.#refuseUsedKey(request);
      throw budgetExceeded(refusal);
    }
    const crossings = view.crossings(charges, amountNanoUsd);
    const call = openCallOf(request, charges);
    calls.set(callId, call);
    view.addHeld(charges, amountNanoUsd);
    if (!hasRoom) {
      this.#notRecorded(call, new VibeError('ledger_unavailable', 'The queue of the ledger is full.'));
      return this.#passed(call, crossings);
    }
    // Whether a key was used is asked also shortly after a failure: the call it belongs to may be paid already.
    if (request.idempotencyKey !== undefined || (down === null && crossings.length > 0))
      return this.#recorded(call, crossings);
    const order = holdOrder(this.#parts, call, false, false);
    this.#post(call, order, () => undefined);
    return down === null ? { callId, amountNanoUsd, crossings: [] } : this.#passed(call, crossings);
  }

  /** That a call was made before says more than that there is no room to make it again. */
  async #refuseUsedKey({ idempotencyKey, callId }: HoldRequest): Promise<void> {
    if (idempotencyKey === undefined) return;
    const checking = this.#parts.queue.task('checkKey', { idempotencyKey, callId }).then(
      () => null,
      (error: unknown) => VibeError.from(error),
    );
    const refused = await within(checking, maxViewWaitMs, null);
    if (refused?.code === 'invalid_request') throw refused;
  }

  /** A key must be unique and a threshold told once, over all processes: both are for the writer to say, without waiting for the disk. */
  async #recorded(call: OpenCall, predicted: readonly BudgetCrossing[]): Promise<Hold> {
    const { calls, view } = this.#parts;
    const { charges, callId, amountNanoUsd } = call;
    const order = holdOrder(this.#parts, call, false, true);
    const answered = new Promise<Outcome | VibeError>((resolve) => this.#post(call, order, resolve));
    const outcome = await within(answered, maxViewWaitMs, noAnswer());
    if (
      outcome !== null &&
      'kind' in outcome &&
      outcome.kind === 'failed' &&
      outcome.failure.code === 'invalid_request'
    ) {
      calls.delete(callId);
      view.addHeld(charges, -amountNanoUsd);
      throw errorOf(outcome.failure);
    }
    if (outcome instanceof Error || (outcome !== null && outcome.kind === 'failed'))
      return this.#passed(call, predicted);
    const hold = recordedHold(call, outcome);
    view.told(hold.crossings, charges);
    return hold;
  }

  #post(call: OpenCall, order: HoldOrder, then: (answer: Outcome | VibeError) => void): void {
    this.#parts.queue.hold(order, {
      done: (outcome) => {
        if (outcome?.kind === 'failed' && outcome.failure.code !== 'invalid_request')
          this.#notRecorded(call, errorOf(outcome.failure));
        then(outcome);
      },
      failed: (error) => {
        this.#notRecorded(call, error);
        then(error);
      },
    });
  }

  /** The call goes on; its settlement will carry what the ledger does not know. */
  #notRecorded(call: OpenCall, error: VibeError): void {
    const { counters, notices, view } = this.#parts;
    counters.unrecordedHolds += 1;
    this.#downUntilMs = performance.now() + quietAfterFailureMs;
    if (!call.settled && call.recorded) {
      view.addHeld(call.charges, -call.amountNanoUsd);
      view.addUnrecorded(call.charges, call.amountNanoUsd);
    }
    call.recorded = false;
    notices.warn(
      'ledger_unavailable',
      `Best effort let a call go whose hold the ledger has not recorded: ${error.message}`,
      {
        unrecordedHolds: counters.unrecordedHolds,
      },
    );
  }

  /** What the caller gets when the ledger could not say more. */
  #passed(call: OpenCall, crossings: readonly BudgetCrossing[]): Hold {
    const { callId, amountNanoUsd, charges } = call;
    this.#parts.view.told(crossings, charges);
    return { callId, amountNanoUsd, crossings, unrecorded: true };
  }

  #tell(down: VibeError): void {
    this.#parts.notices.warn('ledger_unavailable', `Best effort goes by what this process knows: ${down.message}`);
  }

  async #inTime(refreshing: Promise<VibeError | null>): Promise<VibeError | null> {
    if (performance.now() < this.#downUntilMs) return noAnswer();
    const down = await within(refreshing, maxViewWaitMs, noAnswer());
    if (down !== null) {
      this.#downUntilMs = performance.now() + quietAfterFailureMs;
      this.#tell(down);
    }
    return down;
  }
}

export function noAnswer(): VibeError {
  return new VibeError('ledger_unavailable', `The ledger has not answered for ${maxViewWaitMs} ms.`);
}
