import { VibeError } from '../errors/vibe-error.js';
import type { Cancellation } from './cancellation.js';

/** Why something was aborted as a VibeError: the reason itself when it is one (a timeout), otherwise `cancelled`. */
export function abortError({ reason }: { readonly reason: unknown }): VibeError {
  return VibeError.is(reason) ? reason : callerError({ reason });
}

/**
 * The error of a call whose caller has aborted it, always one of its own: the reason may be how another call has failed, and
 * many calls may share the signal.
 */
export function callerError({ reason }: { readonly reason: unknown }): VibeError {
  return new VibeError('cancelled', 'The call was cancelled by its signal.', { cause: reason });
}

export function throwIfAborted(cancellation: Cancellation): void {
  if (cancellation.aborted) throw abortError(cancellation);
}

/** Waits for `promise` until it is aborted, then throws why. A value that comes too late is given to `late`. */
export function untilAborted<T>(promise: Promise<T>, cancellation: Cancellation, late: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const onAbort = () => {
      isLate = true;
      reject(abortError(cancellation));
    };
    if (cancellation.aborted) onAbort();
    else cancellation.onAbort(onAbort);
    promise.then(
      (value) => {
        cancellation.offAbort(onAbort);
        if (isLate) late(value);
        else resolve(value);
      },
      (error: unknown) => {
        cancellation.offAbort(onAbort);
        reject(error);
      },
    );
  });
}
