import { composeAnswer } from '../../answer/answer.js';
import { groupTokens } from '../../answer/group.js';
import { hash32 } from '../../answer/random.js';
import type { Exchange } from '../../exchange.js';
import { jsonHeaders, makeReply, type Reply } from '../../http/reply.js';
import { asArray, asObject, asString, type JsonObject } from '../../json.js';
import { secondsOf } from '../media-tokens.js';
import { gatewayHeaders } from '../wire.js';
import { invalid, itemsText, refuseNative } from './request.js';
import { nativeSse } from './wire.js';

/** Recognition of one short audio. The words of a system message say what is heard, as `echo:` in a chat. */
export function recognise(exchange: Exchange): Reply {
  const refusal = refuseNative(exchange);
  if (refusal) return refusal;
  const messages = asArray(asObject(exchange.body['input'])?.['messages']).map((message) => asObject(message) ?? {});
  const items = messages.flatMap(({ content }) => asArray(content).map(asObject));
  const audio = items.map((item) => asString(item?.['audio'])).find((address) => address !== null);
  if (!audio) return invalid(exchange, "'messages' must contain an audio");
  const context = messages.filter(({ role }) => role === 'system').map(({ content }) => itemsText(content));
  const words = heardWords(exchange, audio, context.join('\n'));
  const options = asObject(asObject(exchange.body['parameters'])?.['asr_options']);
  const language = asString(options?.['language']) ?? 'en';
  const annotations = [{ type: 'audio_info', language, emotion: 'neutral' }];
  const seconds = Math.max(1, Math.ceil(secondsOf(audio)));
  const data = (text: string, finishReason: string, tokens: number): JsonObject => ({
    output: {
      choices: [
        {
          finish_reason: finishReason,
          message: { annotations, content: text === '' ? [] : [{ text }], role: 'assistant' },
        },
      ],
    },
    usage: { input_tokens_details: { text_tokens: 0 }, output_tokens_details: { text_tokens: tokens }, seconds },
    request_id: exchange.requestId,
  });
  const gateway = gatewayHeaders(exchange);
  if (!exchange.stream) {
    const steps = [{ do: 'body' as const, data: data(words.join(''), 'stop', words.length), tokens: words.length }];
    return makeReply({ headers: { ...jsonHeaders, ...gateway }, steps, paced: true });
  }
  let count = 0;
  const deltas = groupTokens(words, exchange.settings.chunkTokens).map((group) => {
    count += group.tokens;
    return {
      do: 'event' as const,
      role: 'delta' as const,
      data: data(group.text, 'null', count),
      tokens: group.tokens,
    };
  });
  return makeReply({
    headers: { ...nativeSse.headers, ...gateway },
    framing: nativeSse.framing,
    steps: [...deltas, { do: 'event', role: 'finish', data: data('', 'stop', count), tokens: 0 }],
    paced: true,
  });
}

/** What a simulated model hears in an audio, as tokens: always the same in the same audio. */
export function heardWords(exchange: Exchange, address: string, context: string): readonly string[] {
  const { settings, model } = exchange;
  const prompt = `audio ${hash32(address)}`;
  const question = { seed: settings.seed, model: model ?? '', prompt, lastUserText: context };
  return composeAnswer({ ...question, maxTokens: null, stop: [], reasoningTokens: 0 }).text;
}
