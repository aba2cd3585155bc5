import type { Exchange } from '../exchange.js';
import { type EventStep, jsonFraming, makeReply, type Reply, type Step } from '../http/reply.js';
import { asArray, asObject, type JsonObject } from '../json.js';
import type { Wire, WireError } from '../wire.js';
import { geminiErrors } from './errors.js';

const commonHeaders = {
  vary: 'Origin, X-Origin, Referer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'x-xss-protection': '0',
};

export const jsonHeaders: Reply['headers'] = { ...commonHeaders, 'content-type': 'application/json; charset=UTF-8' };

export const sseHeaders: Reply['headers'] = {
  ...commonHeaders,
  'content-type': 'text/event-stream',
  'content-disposition': 'attachment',
};

/** Whether the client asked for server-sent events; without `alt=sse` a stream is one JSON array. */
export function wantsEvents(exchange: Exchange): boolean {
  return exchange.stream && exchange.query.get('alt') === 'sse';
}

/** A Gemini reply that is one JSON document, indented as Google sends it. */
export function documentReply(data: JsonObject, headers: Reply['headers'] = jsonHeaders): Reply {
  return makeReply({ headers, framing: { ...jsonFraming, indented: true }, steps: [{ do: 'body', data, tokens: 0 }] });
}

/** Facts: a refused stream has the error as bare JSON, under the content type of the stream; the array form wraps it. */
function errorReply(exchange: Exchange, error: WireError): Reply {
  const indented = { ...jsonFraming, indented: true };
  if (exchange.stream && !wantsEvents(exchange)) {
    const text = `[${JSON.stringify(error.body, null, 2)}\n]`;
    return makeReply({ status: error.status, headers: jsonHeaders, framing: indented, steps: [{ do: 'raw', text }] });
  }
  return makeReply({
    status: error.status,
    headers: wantsEvents(exchange) ? sseHeaders : jsonHeaders,
    framing: indented,
    steps: [{ do: 'body', data: error.body, tokens: 0 }],
  });
}

/** Facts: capacity shed in the middle of a stream ends it with bare JSON, without `data:`. */
function errorStep(exchange: Exchange, error: WireError): Step {
  if (wantsEvents(exchange)) return { do: 'raw', text: `${JSON.stringify(error.body, null, 2)}\n` };
  return { do: 'event', role: 'error', data: error.body, tokens: 0 };
}

function firstCandidate(data: JsonObject): JsonObject {
  return asObject(asArray(data['candidates'])[0]) ?? {};
}

function withFinish(event: EventStep, finish: EventStep): EventStep {
  if (typeof event.data === 'string' || typeof finish.data === 'string') return event;
  const { content, index } = firstCandidate(event.data);
  const { finishReason } = firstCandidate(finish.data);
  return { ...event, data: { ...event.data, candidates: [{ content, finishReason, index }] } };
}

function usageAfterFinish(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.do !== 'event' || step.role !== 'finish' || typeof step.data === 'string') return [step];
    const { usageMetadata, candidates, ...rest } = step.data;
    return [
      { ...step, data: { candidates, ...rest } },
      { do: 'event', role: 'usage', data: { usageMetadata, ...rest }, tokens: 0 },
    ];
  });
}

export const geminiWire: Wire = {
  name: 'gemini',
  usageKey: 'usageMetadata',
  modelKey: 'modelVersion',
  errors: geminiErrors,
  errorReply,
  errorStep,
  withFinish,
  usageAfterFinish,
};
