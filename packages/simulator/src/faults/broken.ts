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

/** A clean end without a finish reason. A whole answer keeps its text and loses only the reason. */
export const truncate: FaultEffect<'truncate'> = (reply, { afterDeltas = DEFAULT_AFTER_DELTAS }, exchange) => {
  if (!reply.paced) return reply;
  const [first] = reply.steps;
  if (first?.do === 'body') {
    return { ...reply, steps: [{ ...first, data: exchange.wire.withoutFinish(first.data) }], broken: true };
  }
  return { ...reply, steps: stepsUntil(reply, afterDeltas), broken: true };
};
