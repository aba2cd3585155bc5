import { type Answer, composeAnswer } from '../answer/answer.js';
import { groupTokens } from '../answer/group.js';
import type { Exchange } from '../exchange.js';
import { type EventRole, type EventStep, jsonHeaders, makeReply, type Reply, sseFraming } from '../http/reply.js';
import type { JsonObject } from '../json.js';
import { type ChatRequest, readChatRequest } from '../openai/chat-request.js';
import { chatSseHeaders } from '../openai/chat-wire.js';
import { refuseEarly } from './admission.js';
import { reasoningLength, wantsThinking } from './thinking.js';
import { gatewayHeaders } from './wire.js';

interface Completion {
  readonly request: ChatRequest;
  readonly answer: Answer;
  /** Whether reasoning fields are there at all, also when the reasoning is empty. */
  readonly thinking: boolean;
}

/** `POST /compatible-mode/v1/chat/completions`. */
export function completeDashscopeChat(exchange: Exchange): Reply {
  const refusal = refuseEarly(exchange);
  if (refusal) return refusal;
  const { body, settings } = exchange;
  const model = exchange.model ?? '';
  const request = readChatRequest(body);
  const thinking = wantsThinking(model, body);
  const reasoningTokens = thinking ? reasoningLength(model, body, settings.seed, request.prompt) : 0;
  const answer = composeAnswer({ ...request, seed: settings.seed, model, reasoningTokens });
  const completion = { request, answer, thinking };
  return exchange.stream ? streamReply(exchange, completion) : wholeReply(exchange, completion);
}

/** Facts: completion tokens include reasoning; its details are only there when the model was asked to think. */
function usageOf(exchange: Exchange, { request, answer, thinking }: Completion): JsonObject {
  const completionTokens = answer.reasoning.length + answer.text.length;
  return {
    prompt_tokens: request.promptTokens,
    completion_tokens: completionTokens,
    total_tokens: request.promptTokens + completionTokens,
    ...(thinking && { completion_tokens_details: { reasoning_tokens: answer.reasoning.length } }),
    prompt_tokens_details: { cached_tokens: Math.floor(request.promptTokens * exchange.settings.cachedShare) },
  };
}

/** The fields after `usage`, in the order recorded. */
function tailOf(exchange: Exchange): JsonObject {
  return {
    created: Math.floor(Date.now() / 1000),
    system_fingerprint: null,
    model: exchange.model,
    id: `chatcmpl-${exchange.requestId}`,
  };
}

function wholeReply(exchange: Exchange, completion: Completion): Reply {
  const { answer, thinking } = completion;
  const message = {
    content: answer.text.join(''),
    ...(thinking && { reasoning_content: answer.reasoning.join('') }),
    role: 'assistant',
  };
  const data = {
    choices: [{ message, finish_reason: answer.finish, index: 0, logprobs: null }],
    object: 'chat.completion',
    usage: usageOf(exchange, completion),
    ...tailOf(exchange),
  };
  return makeReply({
    headers: { ...jsonHeaders, ...gatewayHeaders(exchange) },
    steps: [{ do: 'body', data, tokens: answer.reasoning.length + answer.text.length }],
    paced: true,
  });
}

/**
 * Facts: usage is null on every chunk; with `include_usage` one more chunk without choices follows the finish. Of content
 * and reasoning_content the one that is not being written is null.
 */
function streamReply(exchange: Exchange, completion: Completion): Reply {
  const { answer, request, thinking } = completion;
  const { chunkTokens } = exchange.settings;
  const tail = tailOf(exchange);
  const event = (role: EventRole, choices: JsonObject[], usage: JsonObject | null, tokens: number): EventStep => ({
    do: 'event',
    role,
    data: { choices, object: 'chat.completion.chunk', usage, ...tail },
    tokens,
  });
  const chunk = (role: EventRole, delta: JsonObject, finish: string | null, tokens = 0) =>
    event(role, [{ delta, finish_reason: finish, index: 0, logprobs: null }], null, tokens);
  const shownText = (content: string) => (thinking ? { content, reasoning_content: null } : { content });
  const opening = thinking
    ? { content: null, role: 'assistant', reasoning_content: '' }
    : { content: '', role: 'assistant' };
  return makeReply({
    headers: { ...chatSseHeaders, ...gatewayHeaders(exchange) },
    framing: sseFraming,
    steps: [
      chunk('open', opening, null),
      ...groupTokens(answer.reasoning, chunkTokens).map((group) =>
        chunk('delta', { content: null, reasoning_content: group.text }, null, group.tokens),
      ),
      ...groupTokens(answer.text, chunkTokens).map((group) =>
        chunk('delta', shownText(group.text), null, group.tokens),
      ),
      chunk('finish', shownText(''), answer.finish),
      ...(request.includeUsage ? [event('usage', [], usageOf(exchange, completion), 0)] : []),
      { do: 'event', role: 'done', data: '[DONE]', tokens: 0 },
    ],
    paced: true,
  });
}
