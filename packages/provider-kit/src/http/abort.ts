import { type AbortSource, VibeError } from '@vibe/core';

/**
 * The error of an aborted request. A VibeError as the signal's reason is the error itself (the chain aborts with a
 * `timeout`); any other reason becomes the cause of `cancelled`.
 */
export function abortError({ reason }: AbortSource): VibeError {
  if (VibeError.is(reason)) return reason;
  return new VibeError(
    'cancelled',
    'The call was cancelled by its caller, so the request to the provider was closed.',
    {
      cause: reason,
    },
  );
}

/** The same, of a request that still waited for its connection: a timeout then costs nothing. */
export function beforeSending(error: VibeError): VibeError {
  if (error.code !== 'timeout') return error;
  const { message, details, next } = error;
  return new VibeError('timeout', `${message} There was no connection yet, so nothing was sent.`, {
    mayBeBilled: false,
    details,
    next,
  });
}

/** Throws the `abortError` of a signal that is already aborted. */
export function throwIfAborted(signal: AbortSource): void {
  if (signal.aborted) throw abortError(signal);
}
