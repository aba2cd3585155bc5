import { abortError } from './abort.js';
import type { Cancellation } from './cancellation.js';

/** Resolves after `ms`; rejects at once with the reason of an abort. Keeps the process alive. */
export function sleep(ms: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    if (cancellation.aborted) return reject(abortError(cancellation));
    const stop = () => {
      clearTimeout(timer);
      reject(abortError(cancellation));
    };
    const timer = setTimeout(() => {
      cancellation.offAbort(stop);
      resolve();
    }, ms);
    cancellation.onAbort(stop);
  });
}
