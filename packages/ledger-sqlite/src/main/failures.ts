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

/** Best effort let a call go without the ledger; a strict budget does not. */
export function unrecordedError(path: string, callId: string): VibeError {
  return new VibeError(
    'ledger_unavailable',
    `The ledger ${path} could not be used when call ${callId} began: without its hold no strict budget can join it. Nothing more was sent.`,
    { next: ['Send the call again: the ledger can be used now.'], details: { path, callId } },
  );
}
