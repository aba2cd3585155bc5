import { VibeError } from '@vibe/core';

/**
 * The error of an aborted request. A VibeError as the signal's reason is the error itself (the chain aborts with a
 * `timeout`); any other reason becomes the cause of `cancelled`.
 */
export function abortError(signal: AbortSignal): VibeError {
  const reason: unknown = signal.reason;
  if (VibeError.is(reason)) return reason;
  return new VibeError(
    'cancelled',
    'The call was cancelled by its caller, so the request to the provider was closed.',
    {
      cause: reason,
    },
  );
}

/** Throws the `abortError` of a signal that is already aborted. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}
