import { TransitMap } from './transit-map.js';

/** Most signals belong to one call. */
const fewSharers = 1;

/** Who waits for which signal, while somebody does: what stands in such a map lives until a full garbage collection. */
const waiting = new WeakMap<AbortSignal, SharedSignal>();

/**
 * Runs `act` when the signal aborts; returns what takes it back. A program gives one signal to hundreds of calls: it gets
 * one listener for all of them, because Node warns of a leak from the eleventh on.
 */
export function whenAborted(signal: AbortSignal, act: () => void): () => void {
  const shared = waiting.get(signal) ?? new SharedSignal(signal);
  return shared.add(act);
}

interface Waiting {
  readonly id: string;
  readonly act: () => void;
}

class SharedSignal {
  readonly #signal: AbortSignal;
  readonly #waiting = new TransitMap<Waiting>(fewSharers);
  #lastId = 0;
  readonly #onAbort = () => {
    // Who is taken back meanwhile is not told any more.
    for (const { id, act } of this.#waiting.values()) if (this.#waiting.has(id)) act();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(act: () => void): () => void {
    if (this.#waiting.size === 0) this.#begin();
    const id = String(++this.#lastId);
    this.#waiting.set(id, { id, act });
    return () => {
      if (this.#waiting.delete(id) && this.#waiting.size === 0) this.#end();
    };
  }

  #begin(): void {
    waiting.set(this.#signal, this);
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  #end(): void {
    waiting.delete(this.#signal);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}
