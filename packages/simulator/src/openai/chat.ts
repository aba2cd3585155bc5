import { type Answer, composeAnswer } from '../answer/answer.js';
import { groupTokens } from '../answer/group.js';
import { countTokens } from '../answer/tokens.js';
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
import { audioTokensOf, mediaTokensOf } from './media.js';
import { callFragments, callsOf, scriptedJson, type ToolCall } from './tools.js';

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
  const calls = callsOf(exchange, request);
  const scripted = calls.length > 0 ? 'echo:' : scriptedJson(exchange.body, request);
  const lastUserText = scripted ?? request.lastUserText;
  const answer = composeAnswer({ ...request, lastUserText, seed: settings.seed, model, reasoningTokens: 0 });
  const completion = { request, answer, calls };
  return exchange.stream ? streamReply(exchange, completion) : wholeReply(exchange, completion);
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

/** An answer with what its shapes need. */
interface Completion {
  readonly request: ChatRequest;
  readonly answer: Answer;
  /** In the form of the wire. */
  readonly calls: readonly ToolCall[];
}

function completionTokens({ answer, calls }: Completion): number {
  const called = calls.map((call) => countTokens(call.function.name) + countTokens(call.function.arguments));
  return called.reduce((sum, tokens) => sum + tokens, answer.text.length);
}

function finishOf({ answer, calls }: Completion): string {
  return calls.length > 0 ? 'tool_calls' : answer.finish;
}

function usageOf(exchange: Exchange, completion: Completion): JsonObject {
  const { request } = completion;
  const prompt = request.promptTokens + mediaTokensOf(exchange.body);
  const output = completionTokens(completion);
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    prompt_tokens_details: {
      cached_tokens: Math.floor(request.promptTokens * exchange.settings.cachedShare),
      audio_tokens: audioTokensOf(exchange.body),
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

function wholeReply(exchange: Exchange, completion: Completion): Reply {
  const { answer, calls } = completion;
  const content = calls.length > 0 ? null : answer.text.join('');
  const message = { role: 'assistant', content, refusal: null, ...(calls.length > 0 && { tool_calls: calls }) };
  const data = {
    ...headOf(exchange, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(completion) }],
    usage: usageOf(exchange, completion),
  };
  return makeReply({
    headers: { ...jsonHeaders, 'x-request-id': exchange.requestId },
    steps: [{ do: 'body', data, tokens: completionTokens(completion) }],
    paced: true,
  });
}

/** Facts: with `include_usage` every chunk has `usage: null` until the last, which has no choices; without, none has it. */
function streamReply(exchange: Exchange, completion: Completion): Reply {
  const { request, answer, calls } = completion;
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
    data: { ...head, choices: [], usage: usageOf(exchange, completion) },
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
      ...calls
        .flatMap(callFragments)
        .map(({ fragment, tokens }) => chunk('delta', { tool_calls: [fragment] }, null, tokens)),
      chunk('finish', {}, finishOf(completion)),
      ...(request.includeUsage ? [usage] : []),
      { do: 'event', role: 'done', data: '[DONE]', tokens: 0 },
    ],
    paced: true,
  });
}
