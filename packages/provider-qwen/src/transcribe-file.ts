import { type JsonObject, type ModelManifest, type ProviderEvent, VibeError, type WireRequest } from '@vibe/core';
import {
  afterSubmit,
  asWireObject,
  downloadMedia,
  type HttpClient,
  mediaPlaces,
  mediaSource,
  mergeOptions,
  parseJson,
  readArray,
  readObject,
  readText,
  usageSoFar,
  type WireObject,
} from '@vibe/provider-kit';
import type { TranscribeCall } from './calls.js';
import type { QwenEndpoint } from './endpoints.js';
import { describeNative, missing, ossHeader, type Prepared, serviceOf } from './native.js';
import { asyncHeader, type EndedTask, runTask, type TaskPace, taskError } from './task.js';

const PATH = '/services/audio/asr/transcription';
/** Words and times of twelve hours fit. */
const MAX_TRANSCRIPT_BYTES = 64 * 1024 * 1024;

/** Whether a model transcribes files as tasks. Facts: filetrans, Fun-ASR and Paraformer; their flash models do not. */
export function transcribesFiles({ id }: ModelManifest): boolean {
  return /filetrans|^fun-asr(?!-(flash|realtime))|^paraformer/.test(id);
}

/** A file transcription: submit, wait, fetch the transcript. One delta with everything, then `final`. */
export async function* transcribeFile(
  client: HttpClient,
  call: TranscribeCall,
  place: QwenEndpoint,
  pace: TaskPace,
): AsyncGenerator<ProviderEvent, void, void> {
  const prepared = prepare(call);
  const task = yield* runTask(client, call, place, prepared, pace);
  const url = transcriptUrl(place, task);
  // before the transcript is fetched: when that fails the service's count is the bill, not the longest audio there may be
  if (task.usage !== null) yield usageSoFar(task.usage);
  const text = await transcriptAt(client, call, place, url).catch((error: unknown) => {
    throw afterSubmit(error, task.id);
  });
  const part = { type: 'text', text } as const;
  if (text !== '') yield { type: 'delta', part, text };
  yield {
    type: 'final',
    result: {
      content: text === '' ? [] : [part],
      finishReason: 'stop',
      rawFinishReason: 'SUCCEEDED',
      usage: task.usage,
      servedModel: null,
      requestId: task.requestId,
    },
  };
}

export function describeFileTranscription(call: TranscribeCall, place: QwenEndpoint): WireRequest {
  return describeNative(place, prepare(call));
}

/** Facts: qwen3 models take one address, the others a list; bytes they take not at all. */
function prepare({ request, model }: TranscribeCall): Prepared {
  const { audio, language, providerOptions } = request;
  const address = audio.type === 'file_ref' ? audio.uri : addressOf(mediaSource(audio), model);
  const one = /filetrans/.test(model.id);
  const body: JsonObject = {
    model: model.id,
    input: one ? { file_url: address } : { file_urls: [address] },
    parameters: {
      channel_id: [0],
      ...(language !== undefined && (one ? { language } : { language_hints: [language] })),
      ...(one && { enable_itn: false }),
    },
  };
  return {
    path: PATH,
    headers: { ...asyncHeader, ...(address.startsWith('oss://') && ossHeader) },
    body: mergeOptions(
      body,
      providerOptions?.['qwen'],
      ['input', 'parameters'],
      [
        { path: 'model', instead: 'Use the model of the request.' },
        { path: 'input.file_url', instead: 'Use audio.' },
        { path: 'input.file_urls', instead: 'Make one call per file.' },
        { path: 'parameters.channel_id', instead: 'Each channel is billed: split the file.' },
      ],
    ),
    warnings: [],
  };
}

function addressOf(source: ReturnType<typeof mediaSource>, model: ModelManifest): string {
  if (source.kind === 'url') return source.url;
  throw new VibeError(
    'invalid_request',
    `${model.id} transcribes files behind an address, not bytes. Nothing was sent.`,
    {
      next: ['Pass a URL, or use qwen3-asr-flash for audio of up to five minutes.'],
    },
  );
}

/** Where the words are. Facts: `result` with one address, or `results` whose entries may have failed each on its own. */
function transcriptUrl(place: QwenEndpoint, { output, id, requestId }: EndedTask): string {
  const { service } = serviceOf(place);
  let result: WireObject | undefined;
  try {
    const first = readArray(output, 'results', '$.output')?.[0];
    result =
      readObject(output, 'result', '$.output') ??
      (first === undefined ? undefined : asWireObject(first, '$.output.results[0]'));
    const url = result === undefined ? undefined : readText(result, 'transcription_url', '$.output.result');
    if (url !== undefined) return url;
  } catch (error) {
    throw afterSubmit(error, id);
  }
  if (result !== undefined && typeof result['code'] === 'string') throw taskError({ service, id }, result, requestId);
  throw afterSubmit(missing(place.endpoint, '$.output.result.transcription_url', 'a transcript'), id);
}

async function transcriptAt(
  client: HttpClient,
  call: TranscribeCall,
  place: QwenEndpoint,
  url: string,
): Promise<string> {
  const { service } = serviceOf(place);
  const { signal, timeout } = call;
  const places = mediaPlaces(place.endpoint);
  const download = { url, places, maxBytes: MAX_TRANSCRIPT_BYTES, signal, connectMs: timeout.connectMs };
  const { bytes } = await downloadMedia(client, download, service.name);
  const transcript = asWireObject(parseJson(Buffer.from(bytes).toString('utf8'), 'the transcript'), '$');
  const channels = readArray(transcript, 'transcripts', '$') ?? [];
  return channels
    .map((channel, at) => readText(asWireObject(channel, `$.transcripts[${at}]`), 'text', `$.transcripts[${at}]`) ?? '')
    .filter((text) => text !== '')
    .join('\n');
}
