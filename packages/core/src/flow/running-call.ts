import { VibeError } from '../errors/vibe-error.js';
import type { StreamEvent } from '../spec/event.js';
import type { Handler } from '../spec/middleware.js';
import type { GenerationResponse } from '../spec/response.js';
import { abortError, callerError } from './abort.js';
import type { LiveCall } from './live-call.js';
import { CallEvents, describeCall, responseOf } from './respond.js';
import { whenAborted } from './shared-signal.js';
import { within } from './within.js';

/** How a call ended for whoever asked for it. */
export type Ending = { readonly response: GenerationResponse } | { readonly error: VibeError };

/** What a waiting pull gets when the call has ended without it. */
const woken: readonly StreamEvent[] = [];

const nothing: Promise<undefined> = Promise.resolve(undefined);

/** How long an aborted call may take to unwind. Then it has ended for its caller, whatever a plugin still waits for. */
const unwindGraceMs = 2_500;

/**
 * One call while it runs, and the owner of its cancellation. Everything that can end a call early ends it here: the
 * caller's signal, the total and idle timeouts, `cancel`, a consumer that leaves. Aborting comes first and unwinding
 * second, because a `return()` queues behind a pending `next()`.
 */
export class RunningCall {
  readonly call: LiveCall;
  readonly #events: AsyncIterator<StreamEvent>;
  readonly #now: () => number;
  #tellEnded!: (ending: Ending) => void;
  readonly #ended = new Promise<Ending>((resolve) => {
    this.#tellEnded = resolve;
  });
  /** Takes the call back from its caller's signal. */
  readonly #leaveSignal: (() => void) | undefined;
  readonly #totalTimer: ReturnType<typeof setTimeout>;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  /** When the last event was handed out; null while the consumer waits for the next one. */
  #idleSinceMs: number | null = null;
  /** Events that have arrived and were not asked for yet. */
  #ready: readonly StreamEvent[] = [];
  #taken = 0;
  #pending = 0;
  /** Pulls that wait for the one before them. */
  #queued = 0;
  #latestPull: Promise<StreamEvent | undefined> = nothing;
  /** Wakes pulls that wait for a plugin which does not hear the abort: one per pending pull. */
  readonly #wakers: (() => void)[] = [];
  #hasPulled = false;
  /** The caller has left in a way that `final()` reports as a cancelled response, not as an error. */
  #left = false;
  #ending: Ending | null = null;
  /** What middleware leaves behind its last event. */
  #unwound: Promise<unknown> = nothing;
  /** The ending is handed out once, as the last event or as a throw. */
  #isToldEnding = false;

  constructor(call: LiveCall, handler: Handler<LiveCall>, callerSignal: AbortSignal | undefined, now: () => number) {
    this.call = call;
    this.#now = now;
    this.#events = handler(call)[Symbol.asyncIterator]();
    if (callerSignal?.aborted === true) this.#abort(callerError(callerSignal));
    else if (callerSignal !== undefined)
      this.#leaveSignal = whenAborted(callerSignal, () => this.#abort(callerError(callerSignal)));
    const { totalMs } = call.settings;
    this.#totalTimer = setTimeout(() => this.#abort(totalTimeout(totalMs)), totalMs);
    // The call's own sockets and waits keep the process alive; a deadline alone must not.
    this.#totalTimer.unref();
  }

  get #isEnded(): boolean {
    return this.#ending !== null;
  }

  /** The call as it runs now: middleware may have repeated it. */
  get latest(): LiveCall {
    return this.call.state.repeatedAs ?? this.call;
  }

  /** Resolves when the call has ended and its settlement was tried; never rejects. */
  get ended(): Promise<Ending> {
    return this.#ended;
  }

  /** Resolves when nothing of it is left either: middleware may have raced several answers. */
  get over(): Promise<unknown> {
    return this.#events instanceof CallEvents ? this.#ended : this.#ended.then(() => this.#unwound);
  }

  /** An event that needs no waiting for. Undefined: `pull` knows more. */
  takeReady(): StreamEvent | undefined {
    const event = this.#ready[this.#taken];
    if (event === undefined || event.type === 'final' || this.#isEnded || this.#queued > 0) return undefined;
    this.#taken++;
    this.#idleSinceMs = performance.now();
    return event;
  }

  /**
   * The next event; the ending comes once, as `final` or as a throw, and then undefined. Who asks for several at once gets
   * them one after the other: of two that read the chain at the same time one would take the end of the other for a cut.
   */
  pull(): Promise<StreamEvent | undefined> {
    if (this.#pending === 0 && this.#queued === 0) this.#latestPull = this.#pullNow();
    else {
      this.#queued++;
      const next = () => {
        this.#queued--;
        return this.#pullNow();
      };
      this.#latestPull = this.#latestPull.then(next, next);
    }
    return this.#latestPull;
  }

  async #pullNow(): Promise<StreamEvent | undefined> {
    if (this.#isEnded) return this.#tellEnding();
    const ready = this.takeReady();
    if (ready !== undefined) return ready;
    this.#hasPulled = true;
    this.#idleSinceMs = null;
    this.#pending++;
    try {
      const event = this.#ready[this.#taken++] ?? this.#firstOf(await this.#nextOrWoken());
      if (event?.type === 'final') {
        this.#end({ response: event.response });
        // Middleware stands at its last yield; nothing that still runs there concerns the caller.
        if (!(this.#events instanceof CallEvents)) this.#return();
      } else if (event !== undefined) {
        this.#handedOut();
        return event;
      }
    } catch (thrown) {
      this.#end(this.#endingOf(thrown));
    } finally {
      this.#pending--;
    }
    return this.#tellEnding();
  }

  /** Reads to the end; nobody looks at what comes. Never rejects: `ended` has it. */
  async drain(): Promise<void> {
    try {
      let event: StreamEvent | undefined;
      do {
        while (this.takeReady() !== undefined);
        event = await this.pull();
      } while (event !== undefined && event.type !== 'final');
    } catch {
      // `ended` has it.
    }
  }

  /** Ends the call on behalf of its caller and resolves when it has been settled. Ending an ended call changes nothing. */
  async leave(reason: unknown, mode: 'abort' | 'drain'): Promise<void> {
    if (this.#isEnded) return;
    if (this.#arrivedInTime) {
      this.#end({ response: responseOf(this.latest, null, this.#now()) });
      return this.#return();
    }
    // What has ended the call already (a timeout, the caller's signal) stays its reason.
    if (!this.call.cancellation.aborted) this.#left = true;
    if (mode === 'drain') {
      this.call.state.draining = true;
      this.latest.state.draining = true;
      void this.drain();
      return;
    }
    this.#abort(new VibeError('cancelled', 'The call was cancelled.', { cause: reason }));
    // A call that never began is entered once, so that it leaves its row.
    if (!this.#hasPulled) void this.drain();
    await this.#ended;
  }

  /** The first event of a batch; undefined when the call has ended meanwhile, by its own end or because its grace ran out. */
  #firstOf(events: readonly StreamEvent[] | undefined): StreamEvent | undefined {
    if (events === woken || this.#isEnded) return undefined;
    if (events !== undefined) {
      this.#ready = events;
      this.#taken = 1;
      if (events.at(-1)?.type === 'final') this.#arrived();
      return events[0];
    }
    // Unwound by somebody else, who is about to end it; otherwise middleware has swallowed the ending.
    if (this.call.cancellation.aborted) return undefined;
    throw new VibeError('internal', 'The chain ended without a final event.');
  }

  /** All of it is there: how long its reader takes is not the call's time. */
  #arrived(): void {
    clearTimeout(this.#totalTimer);
    if (this.#arrivedInTime) clearTimeout(this.#graceTimer);
  }

  /** The time was up only while the complete answer was being settled. Who has left or aborted wants none of it. */
  get #arrivedInTime(): boolean {
    const { cancellation } = this.call;
    return this.latest.state.complete && cancellation.aborted && abortError(cancellation).code !== 'cancelled';
  }

  #nextOrWoken(): Promise<readonly StreamEvent[] | undefined> {
    return new Promise((resolve, reject) => {
      const wake = () => resolve(woken);
      this.#wakers.push(wake);
      const wakeNoMore = () => this.#wakers.splice(this.#wakers.indexOf(wake), 1);
      this.#nextBatch().then(
        (events) => {
          wakeNoMore();
          resolve(events);
        },
        (thrown: unknown) => {
          wakeNoMore();
          reject(thrown);
        },
      );
    });
  }

  /** Middleware hands on events one by one. */
  #nextBatch(): Promise<readonly StreamEvent[] | undefined> {
    return this.#events instanceof CallEvents ? this.#events.nextBatch() : single(this.#events.next());
  }

  async #tellEnding(): Promise<StreamEvent | undefined> {
    if (this.#isToldEnding) return undefined;
    this.#isToldEnding = true;
    const ending = this.#ending ?? (await this.#ended);
    if ('error' in ending) throw ending.error;
    return { type: 'final', response: ending.response };
  }

  /** An event is on its way to the consumer: from here until the next pull it is the consumer's turn. */
  #handedOut(): void {
    // The call was ended while this event was under way: perhaps nobody will pull again.
    if (this.call.cancellation.aborted && !this.#arrivedInTime && this.#pending <= 1) void this.#unwind();
    else {
      this.#idleSinceMs = performance.now();
      this.#idleTimer ??= this.#idleAfter(this.call.settings.idleMs);
    }
  }

  async #unwind(): Promise<void> {
    try {
      await this.#events.return?.();
      this.#end(this.#endingOf(abortError(this.call.cancellation)));
    } catch (thrown) {
      this.#end(this.#endingOf(thrown));
    }
  }

  #return(): void {
    const returning = Promise.resolve(this.#events.return?.()).then(
      () => undefined,
      () => undefined,
    );
    this.#unwound = within(returning, unwindGraceMs);
  }

  #endingOf(thrown: unknown): Ending {
    const error = VibeError.from(thrown);
    // Who has left with a drain wants no answer any more: that it failed afterwards is no failure of the call.
    const isOfNoInterest = error.code === 'cancelled' || this.call.state.draining;
    if (this.#left && isOfNoInterest) return { response: responseOf(this.latest, null, this.#now()) };
    return { error: error.callId === undefined ? describeCall(error, this.latest) : error };
  }

  #end(ending: Ending): void {
    if (this.#isEnded) return;
    this.#ending = ending;
    for (const timer of [this.#totalTimer, this.#idleTimer, this.#graceTimer]) clearTimeout(timer);
    this.#leaveSignal?.();
    this.#tellEnded(ending);
    for (const wake of this.#wakers) wake();
  }

  /** A plugin that does not hear the abort must not hold its caller; the chain goes on settling behind. */
  #abort(reason: VibeError): void {
    if (this.#isEnded || this.call.cancellation.aborted) return;
    this.#graceTimer = setTimeout(() => this.#end(this.#endingOf(reason)), unwindGraceMs);
    this.call.cancellation.abort(reason);
    // A pending pull sees the abort by itself; between two of them nobody would settle.
    if (this.#hasPulled && this.#pending === 0) void this.#unwind();
  }

  /** One timer looks after all events: it is set anew only when it fires. */
  #idleAfter(ms: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#lookIdle(), ms);
    timer.unref();
    return timer;
  }

  #lookIdle(): void {
    this.#idleTimer = undefined;
    if (this.#isEnded || this.#idleSinceMs === null) return;
    const { idleMs } = this.call.settings;
    const idleForMs = performance.now() - this.#idleSinceMs;
    if (idleForMs < idleMs) this.#idleTimer = this.#idleAfter(Math.ceil(idleMs - idleForMs));
    else void this.leave(`nobody read the answer for ${idleMs} ms (timeout.idleMs)`, 'abort');
  }
}

async function single(step: Promise<IteratorResult<StreamEvent>>): Promise<readonly StreamEvent[] | undefined> {
  const { done, value } = await step;
  return done === true ? undefined : [value];
}

function totalTimeout(totalMs: number): VibeError {
  return new VibeError('timeout', `The call did not end within ${totalMs} ms (timeout.totalMs).`, {
    details: { timeout: 'totalMs', timeoutMs: totalMs },
    next: ['Raise timeout.totalMs, or ask for less output.'],
  });
}
