import type { Exchange } from '../exchange.js';
import { jsonHeaders, jsonReply, makeReply, type Reply, sseFraming } from '../http/reply.js';
import { chatSseHeaders, chatWireParts } from '../openai/chat-wire.js';
import type { Wire, WireError } from '../wire.js';
import { dashscopeErrors } from './errors.js';

/** Facts: every answer names its request; the id in the body is `chatcmpl-` and the same UUID. */
export function gatewayHeaders(exchange: Exchange): Reply['headers'] {
  return { 'x-request-id': exchange.requestId, 'x-dashscope-call-gateway': 'true', 'req-cost-time': '92' };
}

/** Facts: when the content filter refuses a streaming request, the body of the 400 is an event, not bare JSON. */
function errorReply(exchange: Exchange, error: WireError): Reply {
  const gateway = gatewayHeaders(exchange);
  if (!exchange.stream || error.reason !== 'data_inspection_failed') {
    return jsonReply(error.status, error.body, { ...jsonHeaders, ...gateway });
  }
  return makeReply({
    status: error.status,
    headers: { ...chatSseHeaders, ...gateway },
    framing: sseFraming,
    steps: [{ do: 'event', role: 'error', data: error.body, tokens: 0 }],
  });
}

export const dashscopeWire: Wire = { name: 'qwen', errors: dashscopeErrors, errorReply, ...chatWireParts };
