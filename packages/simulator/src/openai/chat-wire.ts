import type { EventStep, Step } from '../http/reply.js';
import { asArray, asObject, type JsonObject } from '../json.js';
import type { Wire, WireError } from '../wire.js';

/** What the two chat-completions wires have in common: where things are in a chunk. */
export const chatWireParts = {
  usageKey: 'usage',
  modelKey: 'model',
  errorStep,
  withFinish,
  usageAfterFinish,
} as const satisfies Partial<Wire>;

export const chatSseHeaders = { 'content-type': 'text/event-stream;charset=UTF-8', 'cache-control': 'no-cache' };

/** Facts: an error inside a 200 stream is an event like the others. */
function errorStep(_exchange: unknown, error: WireError): Step {
  return { do: 'event', role: 'error', data: error.body, tokens: 0 };
}

function firstChoice(data: JsonObject): JsonObject {
  return asObject(asArray(data['choices'])[0]) ?? {};
}

function withFinish(event: EventStep, finish: EventStep): EventStep {
  if (typeof event.data === 'string' || typeof finish.data === 'string') return event;
  const { finish_reason } = firstChoice(finish.data);
  return { ...event, data: { ...event.data, choices: [{ ...firstChoice(event.data), finish_reason }] } };
}

/** Facts: OpenRouter sends the usage with one more choice whose finish reason is null again. */
function usageAfterFinish(steps: readonly Step[]): readonly Step[] {
  const lateChoice = { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null, logprobs: null };
  return steps.map((step) => {
    if (step.do !== 'event' || step.role !== 'usage' || typeof step.data === 'string') return step;
    return { ...step, data: { ...step.data, choices: [lateChoice] } };
  });
}
