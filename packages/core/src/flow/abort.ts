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
