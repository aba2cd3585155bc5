import type { Hold, HoldRequest, VibeError } from '@vibe/core';
import type { Outcome } from '../protocol.js';
import { errorOf, queueFullError } from './failures.js';
import { type CallParts, deniedError, holdOrder, openCallOf, recordedHold } from './holds.js';
import type { OpenCall } from './open-calls.js';
import type { Waiter } from './waiters.js';

/** The hold is judged by the writer over all processes, and durable when the promise resolves. */
export function strictHold(parts: CallParts, request: HoldRequest): Promise<Hold> {
  return parts.file.timezone !== null && parts.queue.hasRoom ? post(parts, request) : postWhenReady(parts, request);
}

async function postWhenReady(parts: CallParts, request: HoldRequest): Promise<Hold> {
  const { queue, file } = parts;
  if (file.timezone === null) await file.open();
  if (!queue.hasRoom) {
    parts.counters.queueFull += 1;
    const { strictQueueWaitMs } = parts;
    if (!(await queue.room(strictQueueWaitMs))) throw queueFullError(parts.path, strictQueueWaitMs);
  }
  return post(parts, request);
}

function post(parts: CallParts, request: HoldRequest): Promise<Hold> {
  return new Promise((resolve, reject) => {
    const call = openCallOf(request, parts.charges.chargesOf(request.budgets, parts.file.likelyTimezone, parts.now()));
    parts.abandoned.wanted(call.callId);
    parts.queue.hold(holdOrder(parts, call, true, true), new StrictHold(parts, call, resolve, reject));
  });
}

/** A strict hold that waits for the writer. The view counts it from the start, so that best-effort calls see it coming. */
class StrictHold implements Waiter {
  readonly #parts: CallParts;
  readonly #call: OpenCall;
  readonly #resolve: (hold: Hold) => void;
  readonly #reject: (error: VibeError) => void;
  /** The same hold again changes nothing. */
  readonly #counts: boolean;

  constructor(parts: CallParts, call: OpenCall, resolve: (hold: Hold) => void, reject: (error: VibeError) => void) {
    this.#parts = parts;
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#counts = !parts.calls.has(call.callId);
    this.#count(call.amountNanoUsd);
  }

  done(outcome: Outcome): void {
    if (outcome?.kind === 'denied') this.#refused(deniedError(this.#call.charges, outcome));
    else if (outcome?.kind === 'failed') this.#refused(errorOf(outcome.failure));
    else this.#granted(outcome);
  }

  #granted(outcome: Outcome): void {
    const { calls, view } = this.#parts;
    const call = this.#call;
    if (this.#counts) calls.set(call.callId, call);
    const hold = recordedHold(call, outcome);
    if (hold.crossings.length > 0) view.told(hold.crossings, call.charges);
    this.#resolve(hold);
  }

  failed(error: VibeError): void {
    // It may have been recorded all the same. Nothing will be sent for it, so it must not stay held for ever.
    this.#parts.abandoned.add(this.#call.callId);
    this.#refused(error);
  }

  #refused(error: VibeError): void {
    this.#count(-this.#call.amountNanoUsd);
    this.#reject(error);
  }

  #count(amountNanoUsd: number): void {
    if (this.#counts) this.#parts.view.addHeld(this.#call.charges, amountNanoUsd);
  }
}
