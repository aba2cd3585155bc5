/** The wire that chat completions are read by, against the simulator and, where they are, recordings of many services. */
import {
  type Breakage,
  breakField,
  checkDrift,
  type DriftSnapshot,
  type DriftTraffic,
  describeDrift,
  readPaths,
  shapeOf,
} from '@vibe/contract-tests';
import { VibeError } from '@vibe/core';
import { startSimulator } from '@vibe/simulator';
import { collect, listen, recordings, reply } from '@vibe/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { chatCall, testEndpoint, testKey } from '../testing.js';
import { openAiCompatible } from './open-ai-compatible.js';
import { chatShape } from './shape.js';

const snapshot: DriftSnapshot = chatShape;
const simulator = await startSimulator();
afterAll(() => simulator.close());

function documentsOf(body: string): unknown[] {
  if (!/^(data|:)/m.test(body)) return [JSON.parse(body)];
  const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice(6)));
}

async function ask(more: object, key = testKey): Promise<unknown[]> {
  const response = await fetch(`${simulator.baseUrls.openai}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'qwen-plus', messages: [{ role: 'user', content: 'Is it raining?' }], ...more }),
  });
  return documentsOf(await response.text());
}

const tools = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
const streamed = { stream: true, stream_options: { include_usage: true } };
const traffic: readonly DriftTraffic[] = [
  { kind: 'chat', documents: await ask({}) },
  { kind: 'stream', documents: await ask(streamed) },
  { kind: 'tools', documents: await ask({ tools }) },
  { kind: 'toolStream', documents: await ask({ tools, ...streamed }) },
  { kind: 'error', documents: await ask({}, 'wrong-key') },
];

describe('the shape of chat completions', () => {
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

/** How a call of each kind is made. */
const asked: Readonly<Record<string, { incremental: boolean; status?: number }>> = {
  chat: { incremental: false },
  stream: { incremental: true },
  tools: { incremental: false },
  toolStream: { incremental: true },
  error: { incremental: false, status: 401 },
};

/** What a provider makes of documents in the place of an answer. */
async function made(kind: string, documents: readonly unknown[]): Promise<string> {
  const { incremental, status = 200 } = asked[kind] as (typeof asked)[string];
  const events = documents.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('');
  const server = await listen(
    incremental
      ? reply(status, { 'content-type': 'text/event-stream' }, events)
      : reply(status, {}, JSON.stringify(documents[0])),
  );
  const endpoints = [{ id: 'main', baseUrl: server.url, apiKey: testKey }];
  const provider = openAiCompatible({ id: 'acme', endpoints, models: [] });
  const [endpoint = testEndpoint] = provider.endpoints;
  try {
    const result = await collect(provider.stream(chatCall({}, { endpoint, incremental })));
    return JSON.stringify(result).replaceAll(/call_[\da-f-]{36}/g, 'call_made_up');
  } catch (error) {
    if (!VibeError.is(error)) throw error;
    return JSON.stringify([error.code, error.message, error.details, error.requestId]);
  } finally {
    await provider.close?.();
    await server.close();
  }
}

/** Fields that are read and in no snapshot: a change of one of them would go unnoticed. */
async function unnamed(kind: string, documents: readonly unknown[]): Promise<readonly string[]> {
  const { reads, optional = {} } = snapshot.kinds[kind] as DriftSnapshot['kinds'][string];
  const read = await readPaths(documents, (broken) => made(kind, broken));
  expect(read.length).toBeGreaterThan(0);
  const known = Object.keys({ ...reads, ...optional });
  return read.filter(
    (path) => !known.some((each) => each === path || each.startsWith(`${path}.`) || each.startsWith(`${path}[]`)),
  );
}

/** Everything that answers can contain by the documented formats of many services. */
const called = { name: 'weather', arguments: '{}' };
const message = {
  role: 'assistant',
  content: 'Hi',
  reasoning_content: 'hm',
  reasoning: 'hm',
  reasoning_details: [],
  refusal: 'no',
  tool_calls: [{ index: 0, id: 'c1', type: 'function', function: called }],
  audio: { data: 'AAAA', transcript: 'Hi', id: 'a', expires_at: 1 },
  annotations: [],
};
const parts = [
  { type: 'text', text: 'Hi' },
  { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
  { type: 'refusal', refusal: 'no' },
];
const inputDetails = {
  cached_tokens: 1,
  cache_creation_input_tokens: 1,
  audio_tokens: 1,
  image_tokens: 1,
  video_tokens: 1,
  text_tokens: 1,
};
const usage = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_tokens_details: inputDetails,
  completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 1, image_tokens: 1, accepted_prediction_tokens: 1 },
  queue_time: 1,
};
const otherUsage = {
  prompt_tokens: 9,
  completion_tokens: 5,
  prompt_cache_hit_tokens: 2,
  cached_tokens: 3,
  total_tokens: 30,
};
const head = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  system_fingerprint: null,
  service_tier: 'auto',
};
const choice = (fields: object) => ({
  index: 0,
  logprobs: null,
  native_finish_reason: 'stop',
  finish_reason: 'stop',
  ...fields,
});

describe('the snapshot', () => {
  it.each([
    ...traffic.map(({ kind, documents }): [string, readonly unknown[]] => [kind, documents]),
    ['chat', [{ ...head, choices: [choice({ message })], usage }]],
    ['chat', [{ ...head, choices: [choice({ message: { content: parts } })], usage: otherUsage }]],
    ['chat', [{ ...head, choices: [choice({ message: { content: null, reasoning: 'hm', function_call: called } })] }]],
    [
      'chat',
      [
        {
          ...head,
          choices: [choice({ message: { content: 'Hi' } })],
          usage: { ...usage, prompt_tokens_details: { cache_write_tokens: 1 } },
        },
      ],
    ],
    ['stream', [{ ...head, choices: [choice({ delta: message })], usage }]],
    ['stream', [{ ...head, choices: [choice({ delta: { content: parts } })], x_groq: { id: 'r', usage: otherUsage } }]],
    ['stream', [{ ...head, choices: [choice({ delta: { content: 'Hi' }, usage })] }]],
    ['stream', [{ ...head, choices: [choice({ delta: {}, error: { code: 502, message: 'x' } })] }]],
    [
      'error',
      [{ error: { message: 'no', type: 'invalid', code: null, metadata: { raw: 'more', other: 1 } }, id: 'x' }],
    ],
    ['error', [{ error: { message: 'no', type: 'a', code: 'b', request_id: 'r' }, request_id: 'q' }]],
  ])('names every field that is read: %s %#', async (kind, documents) => {
    expect(await unnamed(kind as string, documents as readonly unknown[])).toEqual([]);
  });
});

const recorded = recordings('openai-compat');
if (recorded.length === 0)
  console.warn('openai-compat drift: recordings skipped, the folder is missing (VIBE_RECORDINGS)');

describe.skipIf(recorded.length === 0)('recordings of services that keep to the wire', () => {
  it.each([
    ['stream', 'openai-stream-usage'],
    ['stream', 'deepseek-stream-thinking'],
    ['toolStream', 'groq-tool-call-xgroq-usage'],
    ['toolStream', 'xai-tool-call-late-usage'],
  ])('%s: %s', (kind, name) => {
    const body = recorded.find((each) => each.name === name)?.body.toString('utf8') ?? '';
    const { findings } = checkDrift(snapshot, [{ kind, documents: documentsOf(body) }]);
    expect(findings.filter(({ level }) => level === 'failure')).toEqual([]);
  });

  it.each([
    ['chat', ['cerebras-plain', 'openai-stream-usage']],
    ['stream', ['openai-stream-usage']],
    ['toolStream', ['xai-tool-call-late-usage', 'openai-stream-usage']],
  ])('know every field of the simulator: %s', (kind, names) => {
    const simulated = shapeOf(traffic.find((each) => each.kind === kind)?.documents ?? []);
    const bodies = recorded
      .filter(({ name }) => names.includes(name))
      .map(({ body }) => body.toString('utf8'))
      // OpenAI itself was recorded streaming: the fields of its deltas are those of its messages.
      .map((body) => (kind === 'chat' ? body.replaceAll('"delta":', '"message":') : body));
    const known = shapeOf(bodies.flatMap(documentsOf));
    const invented = [...simulated].filter(([path, types]) => [...types].some((type) => !known.get(path)?.has(type)));
    expect(invented).toEqual([]);
  });
});
