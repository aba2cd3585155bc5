import type { AudioPart, JsonObject, ProviderEvent, Usage, Warning, WireRequest } from '@vibe/core';
import {
  type HttpClient,
  mergeOptions,
  type PcmFormat,
  readObject,
  readText,
  readWav,
  unsupported,
  usageSoFar,
  type WireObject,
  wavOf,
} from '@vibe/provider-kit';
import { readFinishReason } from '@vibe/provider-kit/openai';
import type { SpeakCall } from './calls.js';
import type { QwenEndpoint } from './endpoints.js';
import {
  askOnce,
  askStream,
  describeNative,
  missing,
  nativeRequest,
  type Prepared,
  serviceOf,
  sseHeader,
  truncated,
} from './native.js';
import { MULTIMODAL_PATH } from './native-body.js';
import { fetchResult } from './result-media.js';
import { readUsage } from './usage.js';

/** Facts: samples in events are signed 16-bit little-endian at 24 kHz, mono, without a header. */
const pcm: PcmFormat = { rate: 24_000, channels: 1 };
const PCM_TYPE = `audio/pcm;rate=${pcm.rate}`;
/** A voice is needed; this one is in every list of Alibaba's pages. */
const DEFAULT_VOICE = 'Cherry';
/** Ten minutes of speech have 29 MB. */
const MAX_SPEECH_BYTES = 128 * 1024 * 1024;

/** Text to speech: raw samples as they come, or one file. `final` has one audio part that plays as it is. */
export async function* speak(
  client: HttpClient,
  call: SpeakCall,
  place: QwenEndpoint,
): AsyncGenerator<ProviderEvent, void, void> {
  const prepared = prepare(call);
  const { service, secret } = serviceOf(place);
  const request = nativeRequest(call, place, prepared, secret);
  const speech = new Speech();
  if (isStreamed(call)) {
    for await (const { body, requestId } of askStream(client, request, service)) yield* speech.accept(body, requestId);
    if (!speech.isFinished) throw truncated(service);
  } else {
    const { body, requestId } = await askOnce(client, request, service);
    for (const event of speech.accept(body, requestId)) if (event.type === 'usage') yield event;
  }
  const warnings: Warning[] = [...prepared.warnings];
  const part = speech.partOf(call.request.format) ?? (await fetched(client, call, place, speech, warnings));
  if (part === null) throw missing(place.endpoint, '$.output.audio', 'any audio');
  if (call.incremental && !speech.hasSamples) yield { type: 'delta', part };
  yield {
    type: 'final',
    result: {
      content: [part],
      finishReason: speech.finishReason === 'stop' ? 'stop' : speech.finishReason === 'length' ? 'length' : 'other',
      rawFinishReason: speech.finishReason,
      usage: speech.usage,
      servedModel: null,
      requestId: speech.requestId,
      ...(warnings.length > 0 && { warnings }),
    },
  };
}

export function describeSpeech(call: SpeakCall, place: QwenEndpoint): WireRequest {
  return describeNative(place, prepare(call));
}

function isStreamed({ incremental, model }: SpeakCall): boolean {
  return model.streams === 'only' || (incremental && model.streams);
}

function prepare(call: SpeakCall): Prepared {
  const { text, voice = DEFAULT_VOICE, format, providerOptions } = call.request;
  const body: JsonObject = { model: call.model.id, input: { text, voice } };
  return {
    path: MULTIMODAL_PATH,
    headers: isStreamed(call) ? sseHeader : {},
    body: mergeOptions(
      body,
      providerOptions?.['qwen'],
      ['input', 'parameters'],
      [
        { path: 'model', instead: 'Use the model of the request.' },
        { path: 'input.text', instead: 'Use text.' },
      ],
    ),
    // facts: WAV only
    warnings: format === 'mp3' ? [unsupported('format', 'Qwen speaks WAV and raw PCM, no mp3; WAV was made.')] : [],
  };
}

/** What came so far. */
class Speech {
  readonly #chunks: Uint8Array[] = [];
  url: string | null = null;
  finishReason: string | null = null;
  requestId: string | null = null;
  usage: Usage | null = null;

  get isFinished(): boolean {
    return this.finishReason !== null;
  }

  get hasSamples(): boolean {
    return this.#chunks.length > 0;
  }

  accept(body: WireObject, requestId: string | null): ProviderEvent[] {
    const events: ProviderEvent[] = [];
    this.requestId = requestId ?? this.requestId;
    const output = readObject(body, 'output', '$') ?? {};
    this.finishReason = readFinishReason(output, '$.output') ?? this.finishReason;
    const audio = readObject(output, 'audio', '$.output') ?? {};
    const data = readText(audio, 'data', '$.output.audio') ?? '';
    const url = readText(audio, 'url', '$.output.audio') ?? '';
    if (URL.canParse(url)) this.url = url;
    if (data !== '') {
      const bytes = Buffer.from(data, 'base64');
      this.#chunks.push(bytes);
      events.push({ type: 'delta', part: { type: 'audio', mediaType: PCM_TYPE, data: bytes } });
    }
    const usage = readUsage(body);
    if (usage !== null) {
      this.usage = usage;
      events.unshift(usageSoFar(usage, events.length));
    }
    return events;
  }

  /** The whole speech from its samples; null when none came. */
  partOf(format: string | undefined): AudioPart | null {
    if (this.#chunks.length === 0) return null;
    const samples = Buffer.concat(this.#chunks);
    return format === 'pcm'
      ? { type: 'audio', mediaType: PCM_TYPE, data: samples }
      : { type: 'audio', mediaType: 'audio/wav', data: wavOf(samples, pcm) };
  }
}

/** The file behind the address. Facts: it is a WAV file, signed, and lives for a day. */
async function fetched(
  client: HttpClient,
  call: SpeakCall,
  place: QwenEndpoint,
  { url }: Speech,
  warnings: Warning[],
): Promise<AudioPart | null> {
  if (url === null) return null;
  const media = await fetchResult(client, call, place, { url, maxBytes: MAX_SPEECH_BYTES, what: 'speech' });
  if ('warning' in media) {
    warnings.push(media.warning);
    return { type: 'audio', mediaType: 'audio/wav', data: new URL(url) };
  }
  const { bytes, mediaType } = media;
  const header = readWav(bytes);
  if (call.request.format === 'pcm' && header !== null) {
    const { rate, dataOffset } = header;
    return { type: 'audio', mediaType: `audio/pcm;rate=${rate}`, data: bytes.subarray(dataOffset) };
  }
  const known = header === null && mediaType?.startsWith('audio/') === true ? mediaType : 'audio/wav';
  return { type: 'audio', mediaType: known, data: bytes };
}
