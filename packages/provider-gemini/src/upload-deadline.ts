import { VibeError } from '@vibe/core';

/** The longest delay of a timer. */
const MAX_MS = 2_147_483_647;

/** What a timer cannot keep would end the upload at once. */
export function checkMs(name: string, ms: number): void {
  if (typeof ms === 'number' && ms >= 1 && ms <= MAX_MS) return;
  throw new VibeError('invalid_request', `${name} must be a number from 1 to ${MAX_MS}, got ${ms}.`);
}

/** The caller's signal and a timeout as one signal. */
export function deadline(signal: AbortSignal | undefined, timeoutMs: number): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    const message = `The file was not uploaded and ready within ${timeoutMs} ms (timeoutMs).`;
    controller.abort(new VibeError('timeout', message, { next: ['Raise timeoutMs for large files and video.'] }));
  }, timeoutMs);
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
