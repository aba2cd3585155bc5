import { groupTokens } from '../../answer/group.js';
import { refuse } from '../../errors.js';
import type { Exchange } from '../../exchange.js';
import { type EventRole, type EventStep, jsonHeaders, makeReply, type Reply } from '../../http/reply.js';
import { asString, type JsonObject } from '../../json.js';
import { refuseEarly } from '../admission.js';
import { callFragments, wholeCall } from '../chat.js';
import { type Completion, completionOf } from '../completion.js';
import { gatewayHeaders } from '../wire.js';
import { paintAtOnce } from './images.js';
import { recognise } from './recognition.js';
import { flatBody } from './request.js';
import { speak } from './speech.js';
import { nativeSse } from './wire.js';

/** What differs between the two chat services. */
interface Form {
  /** Content is a list of items instead of a string; the usage tells the modalities apart. */
  readonly items: boolean;
  /** `output.text` instead of choices. */
  readonly bare: boolean;
}

/** `POST /api/v1/services/aigc/text-generation/generation`. */
export function generateText(exchange: Exchange): Reply {
  return chat(exchange, false);
}

/** `POST /api/v1/services/aigc/multimodal-generation/generation`: chats that see and hear, speech, recognition, pictures. */
export function generateMultimodal(exchange: Exchange): Reply {
  if (exchange.headers['x-dashscope-async'] === 'enable') {
    const message = 'current user api does not support asynchronous calls.'; // facts: a 403
    return refuse(exchange, { reason: 'access_denied', message });
  }
  const model = exchange.model ?? '';
  if (/-tts/.test(model)) return speak(exchange);
  if (/asr/.test(model)) return recognise(exchange);
  if (/-image|-t2i|^z-image/.test(model)) return paintAtOnce(exchange);
  return chat(exchange, true);
}

function chat(native: Exchange, items: boolean): Reply {
  const exchange = { ...native, body: flatBody(native.body) };
  const refusal = refuseEarly(exchange);
  if (refusal) return refusal;
  const { body } = exchange;
  const completion = completionOf(exchange);
  const form = {
    items,
    bare: !items && asString(body['result_format']) !== 'message' && completion.calls.length === 0,
  };
  return exchange.stream ? streamReply(exchange, completion, form) : wholeReply(exchange, completion, form);
}

/** Facts: what is billed so far; media twice, flat and in the details; the details of chats with text only are fewer. */
function usageOf(
  { tokens, thinking, media }: Completion,
  form: Form,
  output = tokens.output,
  reasoning = tokens.reasoning,
) {
  const base = { input_tokens: tokens.prompt, output_tokens: output, total_tokens: tokens.prompt + output };
  const cache = { prompt_tokens_details: { cached_tokens: tokens.cached } };
  if (!form.items)
    return { ...base, ...(thinking && { output_tokens_details: { reasoning_tokens: reasoning } }), ...cache };
  const counts = {
    ...(media.image > 0 && { image_tokens: media.image }),
    ...(media.audio > 0 && { audio_tokens: media.audio }),
  };
  return {
    ...base,
    ...counts,
    input_tokens_details: { ...counts, text_tokens: tokens.prompt - media.image - media.audio },
    output_tokens_details: { ...(thinking && { reasoning_tokens: reasoning }), text_tokens: output - reasoning },
    ...cache,
  };
}

function outputOf(form: Form, message: JsonObject & { readonly content: string }, finishReason: string): JsonObject {
  const { content, ...rest } = message;
  if (form.bare && Object.keys(rest).length === 0) return { text: content, finish_reason: finishReason };
  const shown = form.items ? (content === '' ? [] : [{ text: content }]) : content;
  return { choices: [{ finish_reason: finishReason, message: { role: 'assistant', content: shown, ...rest } }] };
}

function wholeReply(exchange: Exchange, completion: Completion, form: Form): Reply {
  const { answer, thinking, calls, finish } = completion;
  const message = {
    content: answer.text.join(''),
    ...(thinking && { reasoning_content: answer.reasoning.join('') }),
    ...(calls.length > 0 && { tool_calls: calls.map((call, index) => wholeCall(call, index)) }),
  };
  const forced = typeof exchange.body['tool_choice'] === 'object'; // facts: a forced call ends with "stop"
  const data = {
    output: outputOf(form, message, forced && calls.length > 0 ? 'stop' : finish),
    usage: usageOf(completion, form),
    request_id: exchange.requestId,
  };
  return makeReply({
    headers: { ...jsonHeaders, ...gatewayHeaders(exchange) },
    steps: [{ do: 'body', data, tokens: completion.tokens.output }],
    paced: true,
  });
}

/** Facts: without `incremental_output` every event repeats the whole text so far. No end mark. */
function streamReply(exchange: Exchange, completion: Completion, form: Form): Reply {
  const { answer, thinking, calls, finish, tokens } = completion;
  const { chunkTokens } = exchange.settings;
  const incremental = exchange.body['incremental_output'] === true;
  const shown = { reasoning: 0, output: 0, text: '', thought: '' };
  const event = (role: EventRole, message: JsonObject & { content: string }, finishReason: string, count: number) => ({
    do: 'event' as const,
    role,
    data: {
      output: outputOf(form, message, finishReason),
      usage: usageOf(completion, form, role === 'finish' ? tokens.output : shown.output, shown.reasoning),
      request_id: exchange.requestId,
    },
    tokens: count,
  });
  const delta = (text: string, thought: string, count: number): EventStep => {
    shown.output += count;
    shown.text += text;
    shown.thought += thought;
    if (thought !== '') shown.reasoning += count;
    const content = incremental ? text : shown.text;
    return event(
      'delta',
      { content, ...(thinking && { reasoning_content: incremental ? thought : shown.thought }) },
      'null',
      count,
    );
  };
  return makeReply({
    headers: { ...nativeSse.headers, ...gatewayHeaders(exchange) },
    framing: nativeSse.framing,
    steps: [
      ...groupTokens(answer.reasoning, chunkTokens).map((group) => delta('', group.text, group.tokens)),
      ...groupTokens(answer.text, chunkTokens).map((group) => delta(group.text, '', group.tokens)),
      ...calls.flatMap((call, index) =>
        callFragments(call, index).map((fragment) =>
          event('delta', { content: '', tool_calls: [fragment] }, 'null', 1),
        ),
      ),
      event(
        'finish',
        { content: incremental ? '' : shown.text, ...(thinking && { reasoning_content: '' }) },
        finish,
        0,
      ),
    ],
    paced: true,
  });
}
