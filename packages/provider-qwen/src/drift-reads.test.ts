/** Every field that the adapter reads is in the snapshot of the wire: proved by breaking each field of each answer. */
import { type DriftSnapshot, readPaths } from '@vibe/contract-tests';
import { type OperationRequest, VibeError } from '@vibe/core';
import { collect, listen, reply } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { qwenShape } from './index.js';
import { chat, file, look, paint, simulator, speak, tools, traffic, transcribe } from './testing/drift-traffic.js';
import { callOf, provide, testKey } from './testing.js';

const snapshot: DriftSnapshot = qwenShape;
afterAll(() => simulator.close());

interface Asked {
  readonly request: OperationRequest;
  readonly model: string;
  readonly streams?: true;
  readonly api?: 'native';
  readonly status?: number;
  /** Which request the documents answer. Default: the first. */
  readonly answers?: 'look' | 'download';
}

/** How a call of each kind is made. */
const asked: Readonly<Record<string, Asked>> = {
  chat: { request: chat(), model: 'qwen-plus' },
  stream: { request: chat(), model: 'qwen-plus', streams: true },
  thinkingStream: { request: chat({ reasoning: 'low' }), model: 'qwen-plus', streams: true },
  tools: { request: chat({ tools }), model: 'qwen-plus' },
  toolStream: { request: chat({ tools }), model: 'qwen-plus', streams: true },
  error: { request: chat(), model: 'qwen-plus', status: 401 },
  nativeChat: { request: chat(), model: 'qwen-plus', api: 'native' },
  nativeStream: { request: chat(), model: 'qwen-plus', api: 'native', streams: true },
  nativeTools: { request: chat({ tools }), model: 'qwen-plus', api: 'native' },
  nativeVision: { request: look, model: 'qwen3-vl-plus', api: 'native' },
  nativeError: { request: speak, model: 'qwen3-tts-flash', status: 401 },
  speech: { request: speak, model: 'qwen3-tts-flash' },
  speechStream: { request: speak, model: 'qwen3-tts-flash', streams: true },
  recognition: { request: transcribe, model: 'qwen3-asr-flash' },
  picture: { request: paint, model: 'qwen-image-max' },
  task: { request: paint, model: 'wan2.2-t2i-flash' },
  pictureTask: { request: paint, model: 'wan2.2-t2i-flash', answers: 'look' },
  failedTask: { request: paint, model: 'wan2.2-t2i-flash', answers: 'look' },
  transcriptionTask: { request: file('a.wav'), model: 'qwen3-asr-flash-filetrans', answers: 'look' },
  transcript: { request: file('a.wav'), model: 'qwen3-asr-flash-filetrans', answers: 'download' },
};

const ofKind = (name: string) => traffic.find(({ kind }) => kind === name)?.documents[0];

/** What the provider makes of documents in the place of an answer. A task that does not end is looked at three times. */
async function made(kind: string, documents: readonly unknown[]): Promise<unknown> {
  const { request, model, streams = false, api = 'compatible', status = 200, answers } = asked[kind] as Asked;
  const json = { 'content-type': 'application/json' };
  const type = streams ? { 'content-type': 'text/event-stream' } : json;
  const body = streams
    ? documents.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')
    : JSON.stringify(documents[0]);
  let looks = 0;
  const server = await listen((response, { method, path }) => {
    const say = (document: unknown) => reply(200, json, JSON.stringify(document))(response);
    if (path === '/transcript') return reply(200, json, body)(response);
    if (method !== 'GET') return answers === undefined ? reply(status, type, body)(response) : say(ofKind('task'));
    if (++looks > 3) return reply(500, json, '{}')(response);
    if (answers === 'look') return reply(200, json, body)(response);
    const result = { transcription_url: `${server.url}/transcript` };
    return say(
      answers === 'download' ? { output: { task_id: 't', task_status: 'SUCCEEDED', result } } : ofKind('pictureTask'),
    );
  });
  const place = { baseUrl: server.url, nativeBaseUrl: server.url, mediaHosts: [simulator.url, server.url] };
  const provider = provide({ apiKey: testKey, api, pollMs: 1, ...place });
  try {
    const events = await collect(provider.stream(callOf(provider, request, model, { incremental: streams })));
    return JSON.stringify(events).replaceAll(/call_[\da-f-]{36}/g, 'call_made_up');
  } catch (error) {
    if (!VibeError.is(error)) throw error;
    // where the server listens is no part of the outcome
    return JSON.stringify([error.code, error.message, error.details, error.requestId]).replaceAll(server.url, '');
  } finally {
    await provider.close?.();
    await server.close();
  }
}

/** Fields that are read and in no snapshot: a change of one of them would go unnoticed. */
async function unnamed(kind: string, documents: readonly unknown[]): Promise<readonly string[]> {
  const { reads, optional = {}, opaque } = snapshot.kinds[kind] as DriftSnapshot['kinds'][string];
  const read = await readPaths(documents, (broken) => made(kind, broken), opaque);
  expect(read.length).toBeGreaterThan(0);
  const known = Object.keys({ ...reads, ...optional });
  return read.filter(
    (path) => !known.some((each) => each === path || each.startsWith(`${path}.`) || each.startsWith(`${path}[]`)),
  );
}

describe.each(traffic)('the shape of $kind', ({ kind, documents }) => {
  it('names every field that the adapter reads', async () => {
    expect(await unnamed(kind, documents)).toEqual([]);
  });
});

/** Everything that answers can contain by the documented formats, whether one of them ever has all of it or not. */
const details = { cached_tokens: 1, cache_creation_input_tokens: 1, audio_tokens: 1, image_tokens: 1, video_tokens: 1 };
const outputDetails = { reasoning_tokens: 1, audio_tokens: 1, image_tokens: 1 };
const plugins = { search: { count: 1, strategy: 'turbo' } };
const call = { index: 0, id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } };
const fullMessage = {
  role: 'assistant',
  content: 'Hi',
  reasoning_content: 'hm',
  refusal: 'no',
  tool_calls: [call],
  audio: { data: 'AAAA', transcript: 'Hi', id: 'a', expires_at: 1 },
};
const fullUsage = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: { ...details, text_tokens: 1, cache_type: 'ephemeral' },
  completion_tokens_details: { ...outputDetails, text_tokens: 1 },
  plugins,
};
const fullNativeUsage = {
  input_tokens: 100,
  output_tokens: 50,
  total_tokens: 150,
  input_tokens_details: { ...details, text_tokens: 1 },
  output_tokens_details: { ...outputDetails, text_tokens: 1 },
  prompt_tokens_details: details,
  plugins,
};
const flatNativeUsage = { input_tokens: 100, output_tokens: 50, audio_tokens: 1, image_tokens: 2, video_tokens: 3 };
const head = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'qwen-plus', system_fingerprint: null };
const whole = (usage: object) => ({
  request_id: 'r',
  output: { choices: [{ finish_reason: 'stop', message: fullMessage }] },
  usage,
});

describe('an answer with everything in it', () => {
  it.each<[string, unknown]>([
    [
      'chat',
      {
        ...head,
        choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message: fullMessage }],
        usage: fullUsage,
      },
    ],
    [
      'chat',
      {
        ...head,
        choices: [{ index: 0, finish_reason: 'stop', message: { content: null, function_call: call.function } }],
      },
    ],
    ['stream', { ...head, choices: [{ index: 0, finish_reason: 'stop', delta: fullMessage }], usage: fullUsage }],
    ['nativeChat', whole(fullNativeUsage)],
    ['nativeChat', whole(flatNativeUsage)],
    [
      'nativeChat',
      { request_id: 'r', output: { text: 'Hi', finish_reason: 'stop' }, usage: flatNativeUsage, model: 'm' },
    ],
    ['nativeChat', { request_id: 'r', output: {}, code: 'Throttling', message: 'slow' }],
    ['recognition', whole({ seconds: 3, plugins })],
    ['picture', { request_id: 'r', output: ofPicture(), usage: { output_image_count: 1 } }],
    ['error', { error: { code: 'limit_requests', type: 'limit', message: 'slow' }, request_id: 'r', id: 'chatcmpl-2' }],
    ['error', { error: { code: null, type: 'invalid_api_key', message: 'no' }, id: 'chatcmpl-2' }],
  ])('has no field that is read and not in the shape: %s %#', async (kind, document) => {
    expect(await unnamed(kind, [document])).toEqual([]);
  });
});

function ofPicture(): unknown {
  return (ofKind('picture') as { output: unknown }).output;
}
