/** Who waits for which signal. */
const waiting = new WeakMap<AbortSignal, SharedSignal>();

/**
 * Runs `act` when the signal aborts; returns what takes it back. A program gives one signal to hundreds of calls: it gets
 * one listener for all of them, because Node warns of a leak from the eleventh on.
 */
export function whenAborted(signal: AbortSignal, act: () => void): () => void {
  let shared = waiting.get(signal);
  if (shared === undefined) {
    shared = new SharedSignal(signal);
    waiting.set(signal, shared);
  }
  return shared.add(act);
}

class SharedSignal {
  readonly #signal: AbortSignal;
  readonly #acts = new Set<() => void>();
  readonly #onAbort = () => {
    // Who is taken back meanwhile is not told any more.
    for (const act of this.#acts) act();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(act: () => void): () => void {
    if (this.#acts.size === 0) this.#signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#acts.add(act);
    return () => {
      if (this.#acts.delete(act) && this.#acts.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
    };
  }
}
