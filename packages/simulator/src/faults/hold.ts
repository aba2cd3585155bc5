import type { Step } from '../http/reply.js';
import type { FaultEffect } from './fault.js';

const DEFAULT_AFTER_DELTAS = 1;

/** The rest of an answer is held back until `release()`; of an answer in one piece the whole body, its head comes. */
export const hold: FaultEffect<'hold'> = (reply, { afterDeltas = DEFAULT_AFTER_DELTAS }) => {
  const at = placeOf(reply.steps, afterDeltas);
  return { ...reply, steps: [{ do: 'head' }, ...reply.steps.slice(0, at), { do: 'hold' }, ...reply.steps.slice(at)] };
};

/** Behind the n-th delta, but before the finish; before a body. */
function placeOf(steps: readonly Step[], afterDeltas: number): number {
  let deltas = 0;
  for (const [index, step] of steps.entries()) {
    if (step.do !== 'event' || (step.role !== 'open' && step.role !== 'delta')) return index;
    if (step.role === 'delta' && deltas === afterDeltas) return index;
    if (step.role === 'delta') deltas += 1;
  }
  return steps.length;
}
