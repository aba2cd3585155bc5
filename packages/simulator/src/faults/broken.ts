import { stepsUntil } from './cut.js';
import type { FaultEffect } from './fault.js';

const DEFAULT_AFTER_DELTAS = 1;

/** A connection that is torn down. */
export const reset: FaultEffect<'reset'> = (reply, { afterDeltas }) => ({
  ...reply,
  steps: [...(afterDeltas === undefined ? [] : stepsUntil(reply, afterDeltas)), { do: 'reset' }],
});

/** A connection that goes silent. */
export const stall: FaultEffect<'stall'> = (reply, { afterDeltas }) => ({
  ...reply,
  steps: [...(afterDeltas === undefined ? [] : stepsUntil(reply, afterDeltas)), { do: 'stall' }],
});

/** A clean end before the finish: of a stream without a finish reason, of a whole answer in the middle of its JSON. */
export const truncate: FaultEffect<'truncate'> = (reply, { afterDeltas = DEFAULT_AFTER_DELTAS }) =>
  reply.paced ? { ...reply, steps: stepsUntil(reply, afterDeltas), broken: true } : reply;
