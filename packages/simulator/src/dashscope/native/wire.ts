import type { Exchange } from '../../exchange.js';
import { type EventStep, jsonHeaders, jsonReply, type Reply, type Step, sseFraming } from '../../http/reply.js';
import { asArray, asObject, type JsonObject } from '../../json.js';
import { chatSseHeaders } from '../../openai/chat-wire.js';
import type { Wire, WireError } from '../../wire.js';
import { gatewayHeaders } from '../wire.js';
import { nativeErrors } from './errors.js';

/** DashScope's own wire: `output`, `usage` and `request_id`; events are numbered and repeat the usage so far. */
export const dashscopeNativeWire: Wire = {
  name: 'qwen',
  usageKey: 'usage',
  modelKey: 'model',
  errors: nativeErrors,
  errorReply,
  errorStep,
  withFinish: (event, finish) => changed(event, finishOf(dataOf(finish))),
  usageAfterFinish: (steps) => steps, // facts: the usage is in every event anyway
};

/** Facts: a refusal before the stream is plain JSON with a status of its own. */
function errorReply(exchange: Exchange, error: WireError): Reply {
  return jsonReply(error.status, error.body, { ...jsonHeaders, ...gatewayHeaders(exchange) });
}

/** Facts: in a stream the status stands in the comment of the event only. */
function errorStep(_exchange: unknown, error: WireError): Step {
  return { do: 'event', role: 'error', data: error.body, tokens: 0, status: error.status };
}

export const nativeSse: Pick<Reply, 'framing'> & { readonly headers: Reply['headers'] } = {
  headers: chatSseHeaders,
  framing: { ...sseFraming, numbered: true },
};

function dataOf(step: EventStep): JsonObject {
  return typeof step.data === 'string' ? {} : step.data;
}

function changed(event: EventStep, finishReason: unknown): EventStep {
  return { ...event, data: withFinishReason(dataOf(event), finishReason) };
}

/** Chats have the reason in their choice, speech beside it. */
function finishOf(data: JsonObject): unknown {
  const output = asObject(data['output']);
  return asObject(asArray(output?.['choices'])[0])?.['finish_reason'] ?? output?.['finish_reason'];
}

function withFinishReason(data: JsonObject, finishReason: unknown): JsonObject {
  const output = asObject(data['output']) ?? {};
  const [choice] = asArray(output['choices']);
  if (choice === undefined) return { ...data, output: { ...output, finish_reason: finishReason } };
  return { ...data, output: { ...output, choices: [{ ...asObject(choice), finish_reason: finishReason }] } };
}
