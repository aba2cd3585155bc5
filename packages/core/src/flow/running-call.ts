import { VibeError } from '../errors/vibe-error.js';
import type { StreamEvent } from '../spec/event.js';
import type { Handler } from '../spec/middleware.js';
import type { GenerationResponse } from '../spec/response.js';
import { abortError } from './abort.js';
import { deferred } from './deferred.js';
import type { LiveCall } from './live-call.js';
import { describeCall, responseOf } from './respond.js';

/** How a call ended for whoever asked for it. */
export type Ending = { readonly response: GenerationResponse } | { readonly error: VibeError };

/**
 * One call while it runs, and the owner of its AbortController. Everything that can end a call early ends it here: the
 * caller's signal, the total and idle timeouts, `cancel`, a consumer that leaves. Aborting comes first and unwinding
 * second, because a `return()` queues behind a pending `next()`.
 */
export class RunningCall {
  readonly call: LiveCall;
  readonly #controller: AbortController;
  readonly #events: AsyncIterator<StreamEvent>;
  readonly #now: () => number;
  readonly #ended = deferred<Ending>();
  readonly #callerSignal: AbortSignal | undefined;
  readonly #onCallerAbort = () => this.#controller.abort(abortError(this.#callerSignal as AbortSignal));
  readonly #totalTimer: ReturnType<typeof setTimeout>;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #pulling: Promise<unknown> | null = null;
  /** Set when the caller has left in a way that `final()` reports as a cancelled response, not as an error. */
  #left = false;
  #isEnded = false;

  /** `controller.signal` is the signal of `call`. */
  constructor(
    call: LiveCall,
    controller: AbortController,
    handler: Handler<LiveCall>,
    callerSignal: AbortSignal | undefined,
    now: () => number,
  ) {
    this.call = call;
    this.#controller = controller;
    this.#now = now;
    this.#callerSignal = callerSignal;
    if (callerSignal?.aborted === true) this.#onCallerAbort();
    else callerSignal?.addEventListener('abort', this.#onCallerAbort, { once: true });
    const { totalMs } = call.settings;
    this.#totalTimer = setTimeout(() => controller.abort(totalTimeout(totalMs)), totalMs);
    // The call's own sockets and waits keep the process alive; a deadline alone must not.
    this.#totalTimer.unref();
    this.#events = handler(call)[Symbol.asyncIterator]();
  }

  /** Resolves when the call has ended and its settlement was tried; never rejects. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /** The next event; undefined after the last one. Rejects with the call's error. */
  async pull(): Promise<StreamEvent | undefined> {
    if (this.#isEnded) return undefined;
    clearTimeout(this.#idleTimer);
    const pulling = this.#events.next();
    this.#pulling = pulling;
    try {
      const step = await pulling;
      if (step.done === true) throw new VibeError('internal', 'The chain ended without a final event.');
      if (step.value.type !== 'final') this.#watchIdle();
      else {
        this.#end({ response: step.value.response });
        // The stages stand at their last yield; nothing that still runs there concerns the caller.
        void Promise.resolve(this.#events.return?.()).catch(() => undefined);
      }
      return step.value;
    } catch (thrown) {
      const ending = this.#endingOf(thrown);
      this.#end(ending);
      if ('error' in ending) throw ending.error;
      return { type: 'final', response: ending.response };
    } finally {
      this.#pulling = null;
    }
  }

  /** Ends the call on behalf of its caller and resolves when it has been settled. Ending an ended call changes nothing. */
  async leave(reason: unknown, mode: 'abort' | 'drain'): Promise<void> {
    if (this.#isEnded) return;
    this.#left = true;
    if (mode === 'drain') {
      this.call.state.draining = true;
      void this.#drain();
      return;
    }
    this.#controller.abort(new VibeError('cancelled', 'The call was cancelled.', { cause: reason }));
    // A pending pull sees the abort by itself and ends the call; otherwise the chain is unwound from here.
    if (this.#pulling === null) await this.#unwind();
    await this.#ended.promise;
  }

  async #unwind(): Promise<void> {
    try {
      await this.#events.return?.();
    } catch (thrown) {
      this.#end(this.#endingOf(thrown));
    }
    this.#end({ response: responseOf(this.call, null, this.#now()) });
  }

  async #drain(): Promise<void> {
    try {
      while ((await this.pull()) !== undefined);
    } catch {
      // `ended` has it.
    }
  }

  #endingOf(thrown: unknown): Ending {
    const error = VibeError.from(thrown);
    if (this.#left && error.code === 'cancelled') return { response: responseOf(this.call, null, this.#now()) };
    return { error: describeCall(error, this.call) };
  }

  #end(ending: Ending): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#totalTimer);
    clearTimeout(this.#idleTimer);
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort);
    this.#ended.resolve(ending);
  }

  /** From the moment an event is handed out until the next pull. */
  #watchIdle(): void {
    const { idleMs } = this.call.settings;
    this.#idleTimer = setTimeout(
      () => void this.leave(`nobody read the answer for ${idleMs} ms (timeout.idleMs)`, 'abort'),
      idleMs,
    );
    this.#idleTimer.unref();
  }
}

function totalTimeout(totalMs: number): VibeError {
  return new VibeError('timeout', `The call did not end within ${totalMs} ms (timeout.totalMs).`, {
    details: { timeout: 'totalMs', timeoutMs: totalMs },
    next: ['Raise timeout.totalMs, or ask for less output.'],
  });
}
