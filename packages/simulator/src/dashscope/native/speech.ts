import { countTokens } from '../../answer/tokens.js';
import type { Exchange } from '../../exchange.js';
import { jsonHeaders, makeReply, type Reply } from '../../http/reply.js';
import { asObject, asString, type JsonObject } from '../../json.js';
import { speechOf, speechSeconds } from '../../media/speech.js';
import { speechPieces } from '../chat.js';
import { gatewayHeaders } from '../wire.js';
import { invalid, refuseNative } from './request.js';
import { resultAddress } from './results.js';
import { nativeSse } from './wire.js';

/** Facts: the longest text of one call. */
const MAX_CHARACTERS = 600;
/** Facts: a Chinese, Japanese or Korean character counts as two, punctuation as one. */
const WIDE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]/u;
const SPEECH_TOKENS_PER_SECOND = 50;

/** Speech: an address of a WAV file, or in a stream raw samples in base64 and the address in the last event. */
export function speak(exchange: Exchange): Reply {
  const refusal = refuseNative(exchange);
  if (refusal) return refusal;
  const input = asObject(exchange.body['input']) ?? {};
  const text = asString(input['text']) ?? '';
  const voice = asString(input['voice']) ?? '';
  if (text === '') return invalid(exchange, 'Field required: input.text');
  if ([...text].length > MAX_CHARACTERS)
    return invalid(exchange, `Range of input length should be [0, ${MAX_CHARACTERS}]`);
  if (voice === '' || /unknown|invalid/i.test(voice)) {
    return invalid(
      exchange,
      'Invalid voice specified, the requested voice does not exist or is not licensed for use—please select a supported voice.',
    );
  }
  const speech = speechOf(text);
  const usage = usageOf(exchange.model ?? '', text, speech);
  const head = { expires_at: Math.floor(Date.now() / 1000) + 86_400, id: `audio_${exchange.requestId}` };
  const last = { ...head, data: '', url: resultAddress(exchange, 'speech', text, 'wav') };
  const data = (audio: JsonObject, finishReason: string) => ({
    output: { audio, finish_reason: finishReason },
    usage,
    request_id: exchange.requestId,
  });
  const gateway = gatewayHeaders(exchange);
  if (!exchange.stream) {
    const steps = [{ do: 'body' as const, data: data(last, 'stop'), tokens: countTokens(text) }];
    return makeReply({ headers: { ...jsonHeaders, ...gateway }, steps, paced: true });
  }
  return makeReply({
    headers: { ...nativeSse.headers, ...gateway },
    framing: nativeSse.framing,
    steps: [
      ...speechPieces(speech).map((piece) => ({
        do: 'event' as const,
        role: 'delta' as const,
        data: data({ ...head, data: piece['data'] }, 'null'),
        tokens: 1,
      })),
      { do: 'event', role: 'finish', data: data(last, 'stop'), tokens: 0 },
    ],
    paced: true,
  });
}

/** Facts: qwen3 models bill characters, the first qwen-tts tokens. */
function usageOf(model: string, text: string, speech: Buffer): JsonObject {
  if (!/^qwen-tts/.test(model)) {
    return { characters: [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0) };
  }
  const input = countTokens(text);
  const output = Math.ceil(speechSeconds(speech) * SPEECH_TOKENS_PER_SECOND);
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { text_tokens: input },
    output_tokens_details: { audio_tokens: output, text_tokens: 0 },
  };
}
