import { VibeError } from '@vibe/core';
import type { Failure } from '../database/failure.js';

/** A failure of a worker thread, as users meet it. */
export function errorOf({ code, message, next, details }: Failure): VibeError {
  return new VibeError(code, message, { next, details });
}

/** After `close()`. */
export function closedError(path: string): VibeError {
  return new VibeError('ledger_unavailable', `The ledger ${path} is closed. Create a new client to go on.`, {
    details: { path },
  });
}

/** The queue stayed full for as long as a command may wait. */
export function queueFullError(path: string, waitedMs: number): VibeError {
  return new VibeError(
    'ledger_unavailable',
    `The ledger ${path} does not keep up: its queue has been full for ${waitedMs} ms. Nothing was sent.`,
    { next: ['Look for a slow or locked disk; "llm doctor" measures it.'], details: { path } },
  );
}
