import type { AbortListener, AbortSource } from '../spec/abort-source.js';
import { whenAborted } from './shared-signal.js';

/**
 * What ends a call early, for the stages of the chain. Its AbortSignal is made when somebody reads it: one costs Node 20
 * four microseconds and a hidden class of its own, and most calls end by themselves.
 */
export class Cancellation implements AbortSource {
  #isAborted = false;
  #reason: unknown;
  #controller: AbortController | null = null;
  readonly #acts: AbortListener[] = [];

  get aborted(): boolean {
    return this.#isAborted;
  }

  /** Undefined while it is not aborted. */
  get reason(): unknown {
    return this.#reason;
  }

  /** For plugins and middleware: always the same one. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
    for (const act of this.#acts.splice(0)) {
      try {
        if (typeof act === 'function') act();
        else act.handleEvent();
      } catch (thrown) {
        // As with an EventTarget: the others hear of it all the same.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }

  /** `act` runs once, at the abort. Not at all where that is over: whoever asks looks at `aborted` first. */
  onAbort(act: AbortListener): void {
    this.#acts.push(act);
  }

  offAbort(act: AbortListener): void {
    const at = this.#acts.indexOf(act);
    if (at !== -1) this.#acts.splice(at, 1);
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.onAbort(listener);
  }

  removeEventListener(_type: 'abort', listener: AbortListener): void {
    this.offAbort(listener);
  }

  /** Aborts with the source. Returns what ends that. */
  follow(source: AbortSignal | Cancellation): () => void {
    if (source.aborted) {
      this.abort(source.reason);
      return () => undefined;
    }
    const leave = () => this.abort(source.reason);
    if (!(source instanceof Cancellation)) return whenAborted(source, leave);
    source.onAbort(leave);
    return () => source.offAbort(leave);
  }
}
