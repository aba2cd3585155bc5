/** The wire this provider was written for, against the simulator and, where they are, the recordings. */
import {
  type Breakage,
  breakField,
  checkDrift,
  type DriftSnapshot,
  type DriftTraffic,
  describeDrift,
  shapeOf,
} from '@vibe/contract-tests';
import type { OperationRequest } from '@vibe/core';
import { startSimulator } from '@vibe/simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { qwenShape } from './index.js';
import { callOf, provide, recordings, testKey, user } from './testing.js';

const snapshot: DriftSnapshot = qwenShape;
const simulator = await startSimulator();
const place = {
  apiKey: testKey,
  baseUrl: simulator.baseUrls.qwen,
  nativeBaseUrl: simulator.baseUrls.qwenNative,
};
const compatible = provide(place);
const native = provide({ ...place, api: 'native' });
afterAll(() => simulator.close());

function documentsOf(body: string): unknown[] {
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

const chat = (more: object = {}): OperationRequest => ({
  operation: 'chat',
  request: { messages: [user('Why?')], ...more },
});
const tools = [{ name: 'weather', input: { type: 'object', properties: { city: { type: 'string' } } } }];
const speak: OperationRequest = { operation: 'speak', request: { text: 'Hello' } };
const paint: OperationRequest = { operation: 'paint', request: { prompt: 'A cat' } };
const transcribe: OperationRequest = {
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
    if (state.output.task_status === 'SUCCEEDED') return state;
  }
  throw new Error('the task does not end');
}

const submitted = await ask('wan2.2-t2i-flash', paint);
const traffic: readonly DriftTraffic[] = [
  { kind: 'chat', documents: await ask('qwen-plus', chat()) },
  { kind: 'stream', documents: await ask('qwen-plus', chat(), true) },
  { kind: 'thinkingStream', documents: await ask('qwen-plus', chat({ reasoning: 'low' }), true) },
  { kind: 'tools', documents: await ask('qwen-plus', chat({ tools })) },
  { kind: 'error', documents: await ask('qwen-plus', chat(), false, 'wrong-key') },
  { kind: 'nativeChat', documents: await ask('qwen-plus', chat(), false, testKey, native) },
  { kind: 'nativeStream', documents: await ask('qwen-plus', chat(), true, testKey, native) },
  { kind: 'nativeError', documents: await ask('qwen3-tts-flash', speak, false, 'wrong-key') },
  { kind: 'speech', documents: await ask('qwen3-tts-flash', speak) },
  { kind: 'recognition', documents: await ask('qwen3-asr-flash', transcribe) },
  { kind: 'picture', documents: await ask('qwen-image-max', paint) },
  { kind: 'task', documents: submitted },
  { kind: 'pictureTask', documents: [await ended(submitted[0])] },
];

describe('the shape of DashScope', () => {
  it('is the one of the simulator', () => {
    const report = checkDrift(snapshot, traffic);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level !== 'info') })).toBe('');
    expect(traffic.map(({ kind }) => kind)).toEqual(Object.keys(snapshot.kinds));
  });

  describe.each(traffic)('notices in $kind', ({ kind, documents }) => {
    const paths = Object.keys(snapshot.kinds[kind]?.reads ?? {});
    const cases = paths.flatMap((path) =>
      (['removed', 'renamed', 'retyped'] as const).map((breakage): [string, Breakage] => [path, breakage]),
    );
    it.each(cases)('%s %s', (path, breakage) => {
      const { ok, findings } = checkDrift(snapshot, [{ kind, documents: breakField(documents, path, breakage) }]);
      expect(ok).toBe(false);
      expect(findings.filter(({ level }) => level === 'failure').map((finding) => finding.path)).toContain(path);
    });
  });
});

const recorded = recordings('qwen');
if (recorded.length === 0) console.warn('qwen drift: recordings skipped, the folder is missing (VIBE_RECORDINGS)');

const of = (...names: readonly string[]): unknown[] =>
  recorded.filter(({ name }) => names.includes(name)).flatMap(({ body }) => documentsOf(body.toString('utf8')));
const real = (kind: string, ...names: readonly string[]): [string, DriftTraffic] => [
  kind,
  { kind, documents: of(...names) },
];

describe.skipIf(recorded.length === 0)('the recordings', () => {
  const cases = [
    real('chat', 'compat-chat-plain'),
    real('stream', 'compat-stream-include-usage'),
    real('thinkingStream', 'compat-stream-thinking'),
    real('tools', 'compat-tool-call'),
    real('error', 'compat-error-401-invalid-api-key'),
    real('nativeChat', 'native-chat-plain'),
    real('nativeStream', 'native-stream-message'),
    real('nativeError', 'native-error-400-invalid-parameter'),
    real('speech', 'native-tts-url'),
    real('recognition', 'native-asr-qwen3-asr-flash'),
    real('picture', 'native-image-sync-qwen-image'),
    real('task', 'native-image-async-1-submit-pending', 'native-image-async-2-running'),
    real('pictureTask', 'native-image-async-3-succeeded'),
  ];

  it.each(cases)('have the shape: %s', (_, each) => {
    const { findings } = checkDrift(snapshot, [each]);
    expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  });

  it.each(cases)('know every field of the simulator: %s', (kind, { documents }) => {
    const simulated = shapeOf(traffic.find((each) => each.kind === kind)?.documents ?? []);
    const reads = Object.fromEntries([...simulated].map(([path, types]) => [path, [...types].join('|')]));
    // Recorded usages differ by what was used: this one has read from a cache.
    const also = kind === 'nativeChat' || kind === 'nativeStream' ? of('native-stream-after-tool-result') : [];
    const report = checkDrift({ provider: 'simulator', kinds: { [kind]: { reads } } }, [
      { kind, documents: [...documents, ...also] },
    ]);
    expect(describeDrift({ ...report, findings: report.findings.filter(({ level }) => level === 'failure') })).toBe('');
  });
});
