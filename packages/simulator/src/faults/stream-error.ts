import { resolveError } from '../errors.js';
import type { Step } from '../http/reply.js';
import { stepsUntil } from './cut.js';
import type { FaultEffect } from './fault.js';

const DEFAULT_AFTER_DELTAS = 1;
/** Facts: what is seen inside streams is capacity that was shed. */
const DEFAULT_STATUS = 503;

/** An error behind a 200: at the end of a cut stream, or instead of a whole answer. */
export const errorInStream: FaultEffect<'errorInStream'> = (reply, fault, exchange) => {
  if (!reply.paced) return reply;
  const { afterDeltas = DEFAULT_AFTER_DELTAS, bare = false, ...asked } = fault;
  const error = resolveError(exchange, asked.reason === undefined ? { status: DEFAULT_STATUS, ...asked } : asked);
  if (!exchange.stream) return { ...reply, steps: [{ do: 'body', data: error.body, tokens: 0 }], broken: true };
  const last: Step = bare
    ? { do: 'raw', text: `${JSON.stringify(error.body)}\n` }
    : exchange.wire.errorStep(exchange, error);
  const steps = [...stepsUntil(reply, afterDeltas), last];
  return { ...reply, steps, broken: true };
};
