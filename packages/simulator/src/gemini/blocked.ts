import type { Exchange } from '../exchange.js';
import { jsonFraming, makeReply, type Reply, sseFraming } from '../http/reply.js';
import type { JsonObject } from '../json.js';
import type { GeminiRequest } from './request.js';
import { type AnswerIds, usageMetadata } from './shapes.js';
import { jsonHeaders, sseHeaders, wantsEvents } from './wire.js';

const BLOCK = /^\s*block:\s*([A-Z_]+)/;
const FINISH = /^\s*finish:\s*([A-Z_]+)/;

/**
 * A last user message `block: REASON` is a prompt that Google blocks: a 200 without candidates. `finish: REASON` is
 * answered with a candidate without content. Null for any other prompt. Facts: the prompt is counted in both.
 */
export function blockedReply(exchange: Exchange, request: GeminiRequest, ids: AnswerIds): Reply | null {
  const block = BLOCK.exec(request.lastUserText)?.[1];
  const finish = FINISH.exec(request.lastUserText)?.[1];
  if (block === undefined && finish === undefined) return null;
  const counts = { prompt: request.promptTokens, media: request.media, cached: 0, candidates: 0, thoughts: 0 };
  const data: JsonObject = {
    ...(block !== undefined
      ? { promptFeedback: { blockReason: block } }
      : { candidates: [{ content: {}, finishReason: finish, index: 0 }] }),
    usageMetadata: usageMetadata(counts),
    ...ids,
  };
  if (!exchange.stream) {
    const framing = { ...jsonFraming, indented: true };
    return makeReply({ headers: jsonHeaders, framing, steps: [{ do: 'body', data, tokens: 0 }], paced: true });
  }
  const sse = wantsEvents(exchange);
  return makeReply({
    headers: sse ? sseHeaders : jsonHeaders,
    framing: sse ? { ...sseFraming, newline: '\r\n' } : { ...jsonFraming, kind: 'array' },
    steps: [{ do: 'event', role: 'finish', data, tokens: 0 }],
    paced: true,
  });
}
