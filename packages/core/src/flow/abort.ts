import { VibeError } from '../errors/vibe-error.js';

/** The reason of an aborted signal as a VibeError: itself when it is one (a timeout), otherwise `cancelled`. */
export function abortError(signal: AbortSignal): VibeError {
  const reason: unknown = signal.reason;
  if (VibeError.is(reason)) return reason;
  return new VibeError('cancelled', 'The call was cancelled by its signal.', { cause: reason });
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

/** Waits for `promise` until `signal` aborts, then throws why. A value that comes too late is given to `late`. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal, late: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const onAbort = () => {
      isLate = true;
      reject(abortError(signal));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        if (isLate) late(value);
        else resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        reject(error);
      },
    );
  });
}
