import { resolveError } from '../errors.js';
import { stepsUntil } from './cut.js';
import type { FaultEffect } from './fault.js';

const DEFAULT_AFTER_DELTAS = 1;
/** Facts: what is seen inside streams is capacity that was shed. */
const DEFAULT_STATUS = 503;

/** An error behind a 200: at the end of a cut stream, or instead of a whole answer. */
export const errorInStream: FaultEffect<'errorInStream'> = (reply, fault, exchange) => {
  if (!reply.paced) return reply;
  const { afterDeltas = DEFAULT_AFTER_DELTAS, ...asked } = fault;
  const error = resolveError(exchange, asked.reason === undefined ? { status: DEFAULT_STATUS, ...asked } : asked);
  if (!exchange.stream) return { ...reply, steps: [{ do: 'body', data: error.body, tokens: 0 }], broken: true };
  const steps = [...stepsUntil(reply, afterDeltas), exchange.wire.errorStep(exchange, error)];
  return { ...reply, steps, broken: true };
};
