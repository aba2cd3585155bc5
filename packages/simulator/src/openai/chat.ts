import { type Answer, composeAnswer } from '../answer/answer.js';
import { groupTokens } from '../answer/group.js';
import { refuse } from '../errors.js';
import type { Exchange } from '../exchange.js';
import {
  type EventRole,
  type EventStep,
  jsonHeaders,
  jsonReply,
  makeReply,
  type Reply,
  sseFraming,
} from '../http/reply.js';
import { asArray, type JsonObject } from '../json.js';
import { bearerToken, isAcceptedKey, isKnownModel, listedModels } from '../known.js';
import type { Wire } from '../wire.js';
import { type ChatRequest, readChatRequest } from './chat-request.js';
import { chatSseHeaders, chatWireParts } from './chat-wire.js';
import { openaiErrors } from './errors.js';

export const openaiWire: Wire = {
  name: 'openai',
  errors: openaiErrors,
  errorReply: (exchange, error) =>
    jsonReply(error.status, error.body, { ...jsonHeaders, 'x-request-id': exchange.requestId }),
  ...chatWireParts,
};

/** `POST /v1/chat/completions` of a service that copies OpenAI's chat API and adds nothing. */
export function completeChat(exchange: Exchange): Reply {
  const refusal = refuseEarly(exchange);
  if (refusal) return refusal;
  const { settings } = exchange;
  const model = exchange.model ?? '';
  const request = readChatRequest(exchange.body);
  const answer = composeAnswer({ ...request, seed: settings.seed, model, reasoningTokens: 0 });
  return exchange.stream ? streamReply(exchange, request, answer) : wholeReply(exchange, request, answer);
}

/** `GET /v1/models`. */
export function listOpenaiModels(exchange: Exchange): Reply {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const data = listedModels(exchange.settings, 'openai', ['gemini-2.5-flash', 'qwen-plus', 'qwen-flash']).map((id) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'simulator',
  }));
  return jsonReply(200, { object: 'list', data });
}

function refuseKey(exchange: Exchange): Reply | null {
  const key = bearerToken(exchange.headers.authorization);
  if (key === '') return refuse(exchange, { reason: 'invalid_api_key', message: "You didn't provide an API key." });
  return isAcceptedKey(exchange.settings, key) ? null : refuse(exchange, { reason: 'invalid_api_key' });
}

function refuseEarly(exchange: Exchange): Reply | null {
  const refusal = refuseKey(exchange);
  if (refusal) return refusal;
  const invalid = (message: string) => refuse(exchange, { reason: 'invalid_request', message });
  if (exchange.received.kind === 'too_large') return refuse(exchange, { reason: 'too_large' });
  if (exchange.received.kind === 'malformed') return invalid('We could not parse the JSON body of your request.');
  if (exchange.model === null) return invalid('you must provide a model parameter');
  if (!isKnownModel(exchange.settings, 'openai', exchange.model))
    return refuse(exchange, { reason: 'model_not_found' });
  if (asArray(exchange.body['messages']).length === 0) {
    return invalid(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    );
  }
  if (exchange.body['stream_options'] !== undefined && !exchange.stream) {
    return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
  return null;
}

function usageOf(exchange: Exchange, request: ChatRequest, answer: Answer): JsonObject {
  return {
    prompt_tokens: request.promptTokens,
    completion_tokens: answer.text.length,
    total_tokens: request.promptTokens + answer.text.length,
    prompt_tokens_details: {
      cached_tokens: Math.floor(request.promptTokens * exchange.settings.cachedShare),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** The fields that every object of one answer repeats. */
function headOf(exchange: Exchange, object: string): JsonObject {
  return {
    id: `chatcmpl-${exchange.requestId.replaceAll('-', '')}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: exchange.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  };
}

function wholeReply(exchange: Exchange, request: ChatRequest, answer: Answer): Reply {
  const message = { role: 'assistant', content: answer.text.join(''), refusal: null };
  const data = {
    ...headOf(exchange, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finish }],
    usage: usageOf(exchange, request, answer),
  };
  return makeReply({
    headers: { ...jsonHeaders, 'x-request-id': exchange.requestId },
    steps: [{ do: 'body', data, tokens: answer.text.length }],
    paced: true,
  });
}

/** Facts: with `include_usage` every chunk has `usage: null` until the last, which has no choices; without, none has it. */
function streamReply(exchange: Exchange, request: ChatRequest, answer: Answer): Reply {
  const head = headOf(exchange, 'chat.completion.chunk');
  const noUsage = request.includeUsage ? { usage: null } : {};
  const chunk = (role: EventRole, delta: JsonObject, finish: string | null, tokens = 0): EventStep => ({
    do: 'event',
    role,
    data: { ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...noUsage },
    tokens,
  });
  const usage: EventStep = {
    do: 'event',
    role: 'usage',
    data: { ...head, choices: [], usage: usageOf(exchange, request, answer) },
    tokens: 0,
  };
  return makeReply({
    headers: { ...chatSseHeaders, 'x-request-id': exchange.requestId },
    framing: sseFraming,
    steps: [
      chunk('open', { role: 'assistant', content: '', refusal: null }, null),
      ...groupTokens(answer.text, exchange.settings.chunkTokens).map((group) =>
        chunk('delta', { content: group.text }, null, group.tokens),
      ),
      chunk('finish', {}, answer.finish),
      ...(request.includeUsage ? [usage] : []),
      { do: 'event', role: 'done', data: '[DONE]', tokens: 0 },
    ],
    paced: true,
  });
}
