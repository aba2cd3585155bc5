import { countTokens } from '../answer/tokens.js';
import { refuse } from '../errors.js';
import type { Exchange } from '../exchange.js';
import { type EventStep, jsonFraming, makeReply, type Reply, sseFraming } from '../http/reply.js';
import { asObject, asString, eitherCase } from '../json.js';
import { SPEECH_RATE, speechOf, speechSeconds } from '../media/speech.js';
import type { GeminiRequest } from './request.js';
import { type AnswerIds, type GeminiCounts, generateContentResponse } from './shapes.js';
import { jsonHeaders, sseHeaders, wantsEvents } from './wire.js';

/** Facts: measured 24.9 tokens per second; raw little-endian samples under this type. */
const TOKENS_PER_SECOND = 25;
const MIME_TYPE = `audio/L16;codec=pcm;rate=${SPEECH_RATE}`;
/** How much of a stream's sound is in one event: an eighth of a second. */
const PIECE_BYTES = SPEECH_RATE / 4;

/** Whether a request wants to hear its answer. */
export function wantsSpeech({ modalities }: GeminiRequest): boolean {
  return modalities.includes('AUDIO');
}

/** The answer of a speech model: the text of the request, spoken. */
export function speechReply(exchange: Exchange, request: GeminiRequest, ids: AnswerIds): Reply {
  if (!/tts|audio|live/.test(exchange.model ?? ''))
    return refuse(exchange, { reason: 'invalid_argument', message: 'This model only supports text output.' });
  const voice = asString(eitherCase(asObject(eitherCase(voiceConfig(request), 'prebuiltVoiceConfig')), 'voiceName'));
  if (voice?.startsWith('no-such')) {
    const message = `Voice name ${voice} is not supported.`;
    return refuse(exchange, { reason: 'invalid_argument', message });
  }
  const pcm = speechOf(request.lastUserText);
  const samples = Math.floor(((request.maxTokens ?? Number.POSITIVE_INFINITY) / TOKENS_PER_SECOND) * SPEECH_RATE);
  const kept = pcm.subarray(0, Math.min(pcm.byteLength, 2 * samples));
  const finish = kept.byteLength < pcm.byteLength ? 'MAX_TOKENS' : 'STOP';
  const counts = (bytes: number): GeminiCounts => {
    const tokens = Math.ceil(speechSeconds(kept.subarray(0, bytes)) * TOKENS_PER_SECOND);
    return {
      prompt: countTokens(request.lastUserText),
      media: {},
      cached: 0,
      candidates: tokens,
      thoughts: 0,
      output: { AUDIO: tokens },
    };
  };
  return exchange.stream
    ? streamed(exchange, kept, finish, counts, ids)
    : whole(kept, finish, counts(kept.byteLength), ids);
}

function voiceConfig({ generationConfig }: GeminiRequest) {
  return asObject(eitherCase(asObject(eitherCase(generationConfig, 'speechConfig')), 'voiceConfig'));
}

function partOf(pcm: Buffer) {
  return { inlineData: { mimeType: MIME_TYPE, data: pcm.toString('base64') } };
}

function whole(pcm: Buffer, finish: 'STOP' | 'MAX_TOKENS', counts: GeminiCounts, ids: AnswerIds): Reply {
  return makeReply({
    headers: { ...jsonHeaders, 'x-gemini-service-tier': 'standard' },
    framing: { ...jsonFraming, indented: true },
    steps: [
      { do: 'body', data: generateContentResponse([partOf(pcm)], finish, counts, ids), tokens: counts.candidates },
    ],
    paced: true,
  });
}

function streamed(
  exchange: Exchange,
  pcm: Buffer,
  finish: 'STOP' | 'MAX_TOKENS',
  counts: (bytes: number) => GeminiCounts,
  ids: AnswerIds,
): Reply {
  const sse = wantsEvents(exchange);
  const steps: EventStep[] = [];
  for (let at = 0; at < pcm.byteLength; at += PIECE_BYTES) {
    const piece = pcm.subarray(at, at + PIECE_BYTES);
    const sofar = counts(at + piece.byteLength);
    const tokens = sofar.candidates - counts(at).candidates;
    steps.push({
      do: 'event',
      role: 'delta',
      data: generateContentResponse([partOf(piece)], null, sofar, ids),
      tokens,
    });
  }
  steps.push({
    do: 'event',
    role: 'finish',
    data: generateContentResponse([], finish, counts(pcm.byteLength), ids),
    tokens: 0,
  });
  return makeReply({
    headers: sse ? sseHeaders : jsonHeaders,
    framing: sse ? { ...sseFraming, newline: '\r\n' } : { ...jsonFraming, kind: 'array' },
    steps,
    paced: true,
  });
}
