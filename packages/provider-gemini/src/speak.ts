import type { AudioPart, JsonObject, Part, ProviderCall, ProviderEvent, SpeakRequest, Warning } from '@vibe/core';
import { pcmOf, unsupported, wavOf } from '@vibe/provider-kit';
import { withOptions } from './options-on-wire.js';
import { generateUrl, type Prepared, streams } from './prepared.js';

type SpeakCall = Extract<ProviderCall, { operation: 'speak' }>;

/** One of Google's prebuilt voices; the service refuses names it does not know. */
const DEFAULT_VOICE = 'Kore';

/** Facts: measured 24.9 audio tokens per second. */
const AUDIO_TOKENS_PER_SECOND = 25;
/** The slowest voice: half a second for every character, which leaves room for numbers and pauses that are told. */
const SECONDS_PER_CHARACTER = 0.5;
const SPARE_TOKENS = 512;

/** A text to be spoken by a speech model. */
export function prepareSpeech(call: SpeakCall): Prepared {
  const { request, model } = call;
  const warnings: Warning[] = [];
  if (request.format === 'mp3') {
    warnings.push(unsupported('format', `${model.id} makes no mp3; the answer is a wav file.`));
  }
  const body: JsonObject = {
    contents: [{ role: 'user', parts: [{ text: request.text }] }],
    generationConfig: {
      maxOutputTokens: speechCap(request, model.maxOutputTokens),
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: request.voice ?? DEFAULT_VOICE } } },
    },
  };
  return { url: generateUrl(call), body: withOptions(body, request), streams: streams(call), warnings };
}

/** What is sent as maxOutputTokens, and so the bound of the bill: the longest speech the text can become. */
export function speechCap({ text }: SpeakRequest, modelCap: number | undefined): number {
  const longest = SPARE_TOKENS + Math.ceil(text.length * SECONDS_PER_CHARACTER * AUDIO_TOKENS_PER_SECOND);
  return Math.min(modelCap ?? Number.POSITIVE_INFINITY, longest);
}

/**
 * Puts the sound of an answer together. Facts: it is raw PCM without a header, which nothing plays. Deltas carry the
 * pieces as they came; the result has one part: a WAV file, or the PCM when that was asked for.
 */
export function spoken(format: SpeakRequest['format']): (event: ProviderEvent) => ProviderEvent {
  return (event) => {
    if (event.type === 'delta') return { ...event, part: inBytes(event.part) };
    if (event.type !== 'final') return event;
    return { ...event, result: withSpeech(event.result, joined(event.result.content, format)) };
  };
}

type Result = Extract<ProviderEvent, { type: 'final' }>['result'];

/** Facts: a speech model, too, may stop with nothing but a reason. An answer without any sound says so. */
function withSpeech(result: Result, content: readonly Part[]): Result {
  if (content.some(({ type }) => type === 'audio')) return { ...result, content };
  const message = `The model answered without any speech (${result.rawFinishReason ?? 'no reason given'}).`;
  return { ...result, content, warnings: [...(result.warnings ?? []), { code: 'no_audio', message }] };
}

function inBytes(part: Part): Part {
  return part.type === 'audio' && typeof part.data === 'string'
    ? { type: 'audio', mediaType: part.mediaType, data: Buffer.from(part.data, 'base64') }
    : part;
}

function joined(content: readonly Part[], format: SpeakRequest['format']): readonly Part[] {
  const sounds = content.filter((part): part is AudioPart => part.type === 'audio').map(bytesOf);
  const [first] = content.filter((part) => part.type === 'audio');
  if (first === undefined) return content;
  const others = content.filter(({ type }) => type !== 'audio');
  const pcm = pcmOf(first.mediaType);
  const all = Buffer.concat(sounds);
  // what is no raw PCM has a header already
  const asItCame = pcm === null || format === 'pcm';
  const mediaType = asItCame ? first.mediaType : 'audio/wav';
  return [{ type: 'audio', mediaType, data: asItCame ? all : wavOf(all, pcm) }, ...others];
}

function bytesOf({ data }: AudioPart): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return Buffer.from(String(data), 'base64');
}
