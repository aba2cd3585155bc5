import { groupTokens } from '../answer/group.js';
import type { Exchange } from '../exchange.js';
import { type EventRole, type EventStep, jsonHeaders, makeReply, type Reply, sseFraming } from '../http/reply.js';
import type { JsonObject } from '../json.js';
import { chatSseHeaders } from '../openai/chat-wire.js';
import { refuseEarly } from './admission.js';
import { type Completion, completionOf, type IdentifiedCall } from './completion.js';
import { gatewayHeaders } from './wire.js';

/** Raw samples per event of spoken answers: a fifth of a second. */
const SPEECH_BYTES = 9_600;

/** `POST /compatible-mode/v1/chat/completions`. */
export function completeDashscopeChat(exchange: Exchange): Reply {
  const refusal = refuseEarly(exchange);
  if (refusal) return refusal;
  const completion = completionOf(exchange);
  return exchange.stream ? streamReply(exchange, completion) : wholeReply(exchange, completion);
}

/** Facts: completion tokens include reasoning; details are only there when there is something to say. */
function usageOf({ tokens, thinking, media, speech }: Completion): JsonObject {
  const output = {
    ...(thinking && { reasoning_tokens: tokens.reasoning }),
    ...(speech !== null && { audio_tokens: tokens.speech, text_tokens: tokens.output - tokens.speech }),
  };
  return {
    prompt_tokens: tokens.prompt,
    completion_tokens: tokens.output,
    total_tokens: tokens.prompt + tokens.output,
    ...(Object.keys(output).length > 0 && { completion_tokens_details: output }),
    prompt_tokens_details: {
      cached_tokens: tokens.cached,
      ...(media.image > 0 && { image_tokens: media.image }),
      ...(media.audio > 0 && { audio_tokens: media.audio }),
    },
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
  const { answer, thinking, calls, finish } = completion;
  const message = {
    content: answer.text.join(''),
    ...(thinking && { reasoning_content: answer.reasoning.join('') }),
    role: 'assistant',
    ...(calls.length > 0 && { tool_calls: calls.map((call, index) => wholeCall(call, index)) }),
  };
  const data = {
    choices: [{ message, finish_reason: finish, index: 0, logprobs: null }],
    object: 'chat.completion',
    usage: usageOf(completion),
    ...tailOf(exchange),
  };
  return makeReply({
    headers: { ...jsonHeaders, ...gatewayHeaders(exchange) },
    steps: [{ do: 'body', data, tokens: completion.tokens.output }],
    paced: true,
  });
}

/** Facts: the index is there outside of streams too. */
export function wholeCall({ id, name, input }: IdentifiedCall, index: number): JsonObject {
  return { index, id, type: 'function', function: { name, arguments: input } };
}

/** Facts: id and name come with the first fragment; later ones have an empty id and no name. */
export function callFragments(call: IdentifiedCall, index: number): JsonObject[] {
  const half = call.input.length >> 1;
  return [
    wholeCall({ ...call, input: call.input.slice(0, half) }, index),
    { index, id: '', type: 'function', function: { arguments: call.input.slice(half) } },
  ];
}

/**
 * Facts: usage is null on every chunk; with `include_usage` one more chunk without choices follows the finish. Of content
 * and reasoning_content the one that is not being written is null.
 */
function streamReply(exchange: Exchange, completion: Completion): Reply {
  const { answer, request, thinking, calls, finish } = completion;
  const { chunkTokens } = exchange.settings;
  const tail = tailOf(exchange);
  const event = (role: EventRole, choices: JsonObject[], usage: JsonObject | null, tokens: number): EventStep => ({
    do: 'event',
    role,
    data: { choices, object: 'chat.completion.chunk', usage, ...tail },
    tokens,
  });
  const chunk = (role: EventRole, delta: JsonObject, finishReason: string | null, tokens = 0) =>
    event(role, [{ delta, finish_reason: finishReason, index: 0, logprobs: null }], null, tokens);
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
      ...calls.flatMap((call, index) =>
        callFragments(call, index).map((fragment) =>
          chunk('delta', { content: null, tool_calls: [fragment] }, null, 1),
        ),
      ),
      ...speechPieces(completion.speech).map((audio) => chunk('delta', { audio }, null, 1)),
      chunk('finish', shownText(''), finish),
      ...(request.includeUsage ? [event('usage', [], usageOf(completion), 0)] : []),
      { do: 'event', role: 'done', data: '[DONE]', tokens: 0 },
    ],
    paced: true,
  });
}

/** Facts: base64 of raw samples without any header, although `wav` is asked for. */
export function speechPieces(speech: Buffer | null): JsonObject[] {
  if (speech === null) return [];
  const count = Math.ceil(speech.byteLength / SPEECH_BYTES);
  return Array.from({ length: count }, (_, index) => ({
    data: speech.subarray(index * SPEECH_BYTES, (index + 1) * SPEECH_BYTES).toString('base64'),
    expires_at: Math.floor(Date.now() / 1000) + 86_400,
    id: 'audio_simulated',
  }));
}
