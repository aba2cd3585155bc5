import { VibeError } from '../errors/vibe-error.js';
import { abortError } from '../flow/abort.js';
import { describeTarget } from '../policies/target-key.js';
import type { Target } from '../spec/target.js';

export interface SlotOptions {
  readonly signal: AbortSignal;
  readonly maxWaitMs: number;
  readonly target: Target;
  readonly onWait?: ((waitMs: number, place: number) => void) | undefined;
}

/** Requests in flight. Who finds no free slot waits in order; the end of a request frees one. */
export class Slots {
  #taken = 0;
  readonly #queue: (() => void)[] = [];

  get taken(): number {
    return this.#taken;
  }

  /** Resolves when a slot is taken. `limit` undefined: there is always one. */
  take(limit: number | undefined, options: SlotOptions): Promise<void> {
    if (limit === undefined || this.#taken < limit) {
      this.#taken++;
      return Promise.resolve();
    }
    const { signal, maxWaitMs, target } = options;
    if (maxWaitMs <= 0) return Promise.reject(noSlot(target, limit, maxWaitMs));
    return new Promise((resolve, reject) => {
      const leave = (error: VibeError) => {
        const place = this.#queue.indexOf(enter);
        if (place !== -1) this.#queue.splice(place, 1);
        done();
        reject(error);
      };
      const onAbort = () => leave(abortError(signal));
      const timer = setTimeout(() => leave(noSlot(target, limit, maxWaitMs)), maxWaitMs);
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const enter = () => {
        done();
        resolve();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(enter);
      options.onWait?.(maxWaitMs, this.#queue.length - 1);
    });
  }

  free(): void {
    const next = this.#queue.shift();
    // The slot passes on to the next in line without becoming free in between.
    if (next === undefined) this.#taken--;
    else next();
  }
}

function noSlot(target: Target, limit: number, maxWaitMs: number): VibeError {
  const message = `All ${limit} concurrent requests of ${describeTarget(target)} are taken and none ended within ${Math.max(0, Math.floor(maxWaitMs))} ms. Nothing was sent.`;
  return new VibeError('rate_limited', message, {
    target,
    retryable: true,
    details: { concurrency: limit, maxWaitMs },
  });
}
