import type { Reply, Step } from '../http/reply.js';

/**
 * The beginning of a reply: status line, and everything up to the n-th event with text or reasoning. Of one JSON document
 * it is the first half. The finish is never part of it.
 */
export function stepsUntil(reply: Reply, afterDeltas: number): Step[] {
  const kept: Step[] = [{ do: 'head' }];
  let deltas = 0;
  for (const step of reply.steps) {
    if (step.do === 'body') {
      const text = JSON.stringify(step.data);
      kept.push({ do: 'raw', text: text.slice(0, text.length >> 1) });
      break;
    }
    if (step.do !== 'event' || (step.role !== 'open' && step.role !== 'delta')) break;
    if (step.role === 'delta' && deltas === afterDeltas) break;
    if (step.role === 'delta') deltas += 1;
    kept.push(step);
  }
  return kept;
}
