/** For the tests of drift: an answer of every kind, as the simulator gives it. */
import type { DriftTraffic } from '@vibe/contract-tests';
import type { OperationRequest } from '@vibe/core';
import { startSimulator } from '@vibe/simulator';
import { user } from '@vibe/testing';
import { callOf, provide, testKey } from '../testing.js';

export const simulator = await startSimulator();
const place = {
  apiKey: testKey,
  baseUrl: simulator.baseUrls.qwen,
  nativeBaseUrl: simulator.baseUrls.qwenNative,
};
const compatible = provide(place);
const native = provide({ ...place, api: 'native' });

/** The JSON documents in a body, streamed or not. */
export function documentsOf(body: string): unknown[] {
  if (!/^data:/m.test(body)) return [JSON.parse(body)];
  const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data:') && !line.includes('[DONE]'));
  return lines.map((line) => JSON.parse(line.slice(5)));
}

/** What the service answers to exactly the request that a call would send. */
async function ask(
  model: string,
  request: OperationRequest,
  incremental = false,
  key = testKey,
  provider = compatible,
): Promise<unknown[]> {
  const wire = provider.describe?.(callOf(provider, request, model, { incremental }));
  if (wire === undefined) throw new Error('nothing is described');
  const headers = { 'content-type': 'application/json', ...wire.headers, authorization: `Bearer ${key}` };
  const response = await fetch(wire.url, { method: wire.method, headers, body: JSON.stringify(wire.body) });
  return documentsOf(await response.text());
}

export const chat = (more: object = {}): OperationRequest => ({
  operation: 'chat',
  request: { messages: [user('Why?')], ...more },
});
export const tools = [{ name: 'weather', input: { type: 'object', properties: { city: { type: 'string' } } } }];
export const speak: OperationRequest = { operation: 'speak', request: { text: 'Hello' } };
export const paint: OperationRequest = { operation: 'paint', request: { prompt: 'A cat' } };
export const transcribe: OperationRequest = {
  operation: 'transcribe',
  request: { audio: { type: 'audio', mediaType: 'audio/wav', data: new URL('https://a.example/a.wav') } },
};

/** The task of a submission, when it has ended. */
async function ended(submitted: unknown): Promise<unknown> {
  const { output } = submitted as { output: { task_id: string } };
  for (let looks = 0; looks < 100; looks++) {
    const response = await fetch(`${simulator.baseUrls.qwenNative}/tasks/${output.task_id}`, {
      headers: { authorization: `Bearer ${testKey}` },
    });
    const state = (await response.json()) as { output: { task_status: string } };
    if (['SUCCEEDED', 'FAILED'].includes(state.output.task_status)) return state;
  }
  throw new Error('the task does not end');
}

/** A picture in a chat, and a file behind an address. */
export const look: OperationRequest = {
  operation: 'chat',
  request: {
    messages: [
      { role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: new URL('https://a.example/a.png') }] },
    ],
  },
};
export const file = (name: string): OperationRequest => ({
  operation: 'transcribe',
  request: { audio: { type: 'file_ref', uri: `https://a.example/${name}`, mediaType: 'audio/wav' } },
});

/** What lies at the address that an ended transcription names. */
async function transcriptOf(task: unknown): Promise<unknown> {
  const { output } = task as { output: { result: { transcription_url: string } } };
  return (await fetch(output.result.transcription_url)).json();
}

const submitted = await ask('wan2.2-t2i-flash', paint);
const transcribed = await ended((await ask('qwen3-asr-flash-filetrans', file('a.wav')))[0]);
const failing: OperationRequest = { operation: 'paint', request: { prompt: 'task: failed DataInspectionFailed' } };
export const traffic: readonly DriftTraffic[] = [
  { kind: 'chat', documents: await ask('qwen-plus', chat()) },
  { kind: 'stream', documents: await ask('qwen-plus', chat(), true) },
  { kind: 'thinkingStream', documents: await ask('qwen-plus', chat({ reasoning: 'low' }), true) },
  { kind: 'tools', documents: await ask('qwen-plus', chat({ tools })) },
  { kind: 'toolStream', documents: await ask('qwen-plus', chat({ tools }), true) },
  { kind: 'error', documents: await ask('qwen-plus', chat(), false, 'wrong-key') },
  { kind: 'nativeChat', documents: await ask('qwen-plus', chat(), false, testKey, native) },
  { kind: 'nativeStream', documents: await ask('qwen-plus', chat(), true, testKey, native) },
  { kind: 'nativeTools', documents: await ask('qwen-plus', chat({ tools }), false, testKey, native) },
  { kind: 'nativeVision', documents: await ask('qwen3-vl-plus', look, false, testKey, native) },
  { kind: 'nativeError', documents: await ask('qwen3-tts-flash', speak, false, 'wrong-key') },
  { kind: 'speech', documents: await ask('qwen3-tts-flash', speak) },
  { kind: 'speechStream', documents: await ask('qwen3-tts-flash', speak, true) },
  { kind: 'recognition', documents: await ask('qwen3-asr-flash', transcribe) },
  { kind: 'picture', documents: await ask('qwen-image-max', paint) },
  { kind: 'task', documents: submitted },
  { kind: 'pictureTask', documents: [await ended(submitted[0])] },
  { kind: 'failedTask', documents: [await ended((await ask('wan2.2-t2i-flash', failing))[0])] },
  { kind: 'transcriptionTask', documents: [transcribed] },
  { kind: 'transcript', documents: [await transcriptOf(transcribed)] },
];
