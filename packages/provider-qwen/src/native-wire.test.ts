/** What the native API may answer, and what must come of it: unknown fields are ignored, wrong types are named. */
import type { OperationRequest, ProviderEvent } from '@vibe/core';
import { type Fault, startSimulator } from '@vibe/simulator';
import { collect, failureOf, listen, reply, resultOf, user } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { callOf, provide, testKey } from './testing.js';

const opened: { close?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close?.();
});

const asked: Readonly<Record<string, readonly [OperationRequest, string]>> = {
  chat: [{ operation: 'chat', request: { messages: [user('Hi')] } }, 'qwen-plus'],
  transcribe: [
    {
      operation: 'transcribe',
      request: { audio: { type: 'audio', mediaType: 'audio/wav', data: new Uint8Array([1]) } },
    },
    'qwen3-asr-flash',
  ],
  speak: [{ operation: 'speak', request: { text: 'Hi' } }, 'qwen3-tts-flash'],
  paint: [{ operation: 'paint', request: { prompt: 'a cat' } }, 'qwen-image-plus'],
  task: [{ operation: 'paint', request: { prompt: 'a cat' } }, 'wan2.2-t2i-plus'],
};

async function answered(what: string, body: unknown, incremental = false) {
  return collect(await answering(what, body, incremental));
}

/** The same, while it is still being read. */
async function answering(what: string, body: unknown, incremental = false) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = incremental ? 'text/event-stream' : 'application/json';
  const server = await listen(reply(200, { 'content-type': type }, incremental ? `data:${text}\n\n` : text));
  opened.push(server);
  return stream(what, `${server.url}/api/v1`, incremental);
}

function ask(what: string, nativeBaseUrl: string, incremental: boolean) {
  return collect(stream(what, nativeBaseUrl, incremental));
}

function stream(what: string, nativeBaseUrl: string, incremental: boolean) {
  const provider = provide({ apiKey: testKey, api: 'native', baseUrl: nativeBaseUrl, nativeBaseUrl, pollMs: 1 });
  opened.push(provider);
  const [request, model] = asked[what] as (typeof asked)[string];
  return provider.stream(callOf(provider, request, model, { incremental }));
}

const choice = (message: object, more: object = {}) => ({
  output: { choices: [{ finish_reason: 'stop', message, ...more }] },
});

describe('pictures', () => {
  const elsewhere = 'https://elsewhere.example/1.png';

  it('of which one has no readable address are not lost with it', async () => {
    const answer = choice({ content: [{ image: 'no address' }, { image: elsewhere }] });
    const { content, warnings } = resultOf(await answered('paint', answer));
    expect(content).toMatchObject([{ type: 'image', data: new URL(elsewhere) }]);
    expect(warnings?.map(({ message }) => message)).toEqual([
      expect.stringContaining('its address cannot be read: no address'),
      expect.stringContaining('could not be fetched'),
    ]);
  });

  it.each([
    ['no result', { results: [] }],
    ['a result that cannot be read', { results: ['x'] }],
    ['only what is no address', { results: [{ url: 'no address' }] }],
    ['results in a form nobody knows', { results: [{ base64: 'AAAA' }] }],
  ])('of a task that has ended are not made again for %s', async (_, output) => {
    const body = { output: { task_id: 't', task_status: 'SUCCEEDED', ...output } };
    const error = await failureOf(answered('task', body));
    expect(error).toMatchObject({ code: 'invalid_response', retryable: false, mayBeBilled: true });
    expect(error.details['taskId']).toBe('t');
  });

  it('are paid for as the service says, also when they cannot be read', async () => {
    const body = { output: { results: [{ base64: 'AAAA' }] }, usage: { image_count: 1 } };
    const seen: ProviderEvent[] = [];
    const read = (async () => {
      for await (const event of await answering('paint', body)) seen.push(event);
    })();
    await expect(read).rejects.toMatchObject({ code: 'invalid_response', mayBeBilled: true });
    expect(seen).toMatchObject([{ type: 'usage', usage: { quantities: { image: 1 } } }]);
  });

  it('say why they failed, wherever that stands', async () => {
    const output = { task_id: 't', task_status: 'FAILED' };
    const error = await failureOf(answered('task', { output, code: 'DataInspectionFailed', message: 'Not this.' }));
    expect(error).toMatchObject({ code: 'content_filtered', message: expect.stringContaining('Not this.') });
  });
});

describe('an answer of the native API', () => {
  it.each([
    ['chat', choice({ content: 'Hi', novelty: 1 }, { index: 0 })],
    ['chat', { ...choice({ content: [{ text: 'Hi', novelty: {} }] }), code: '', message: '' }],
    ['transcribe', { ...choice({ content: 'Hi', annotations: 7 }), usage: null }],
  ])('may have other fields, and lack the bill: %s %j', async (what, body) => {
    const result = resultOf(await answered(what, body));
    expect([result.content, result.usage, result.requestId]).toEqual([[{ type: 'text', text: 'Hi' }], null, null]);
  });

  it.each<[string, unknown, string]>([
    ['chat', [], '$'],
    ['chat', { output: 'Hi' }, '$.output'],
    ['chat', { output: { choices: {} } }, '$.output.choices'],
    ['chat', choice({ content: 7 }), '$.output.choices[0].message.content'],
    ['chat', choice({ content: 'Hi', tool_calls: 'x' }), '$.output.choices[0].message.tool_calls'],
    ['chat', choice({ content: 'Hi' }, { finish_reason: 1 }), '$.output.choices[0].finish_reason'],
    ['chat', { ...choice({ content: 'Hi' }), request_id: 5 }, '$.request_id'],
    ['chat', { ...choice({ content: 'Hi' }), usage: { input_tokens: 'x' } }, '$.usage.input_tokens'],
    ['chat', { output: { text: [], finish_reason: 'stop' } }, '$.output.text'],
    ['chat', { output: {} }, '$.choices'],
    ['transcribe', choice({ content: [1] }), '$.output.choices[0].message.content[0]'],
    ['speak', { output: { audio: 'x' } }, '$.output.audio'],
    ['speak', { output: { audio: { url: 7 } } }, '$.output.audio.url'],
    ['speak', { output: { audio: { data: '' }, finish_reason: 'stop' } }, '$.output.audio'],
    ['speak', { output: { audio: {} }, usage: { characters: '3' } }, '$.usage.characters'],
    ['paint', { usage: {} }, '$.output'],
    ['paint', { output: { choices: [] } }, '$.output.results'],
    ['paint', choice({ content: [{ image: 1 }] }), '$.output.choices[0].message.content[].image'],
    ['task', { output: {} }, '$.output.task_id'],
    ['task', { output: { task_id: 7 } }, '$.output.task_id'],
  ])('of a wrong type is invalid, and the place is named: %s %j', async (what, body, path) => {
    const error = await failureOf(answered(what, body));
    expect([error.code, error.details['path']]).toEqual(['invalid_response', path]);
  });

  it('may be a failure with a status of 200', async () => {
    for (const what of ['chat', 'transcribe', 'speak', 'paint', 'task']) {
      for (const output of [null, {}]) {
        const error = await failureOf(
          answered(what, { code: 'Throttling', message: 'slow down', output, request_id: 'r' }),
        );
        expect(error).toMatchObject({ code: 'provider_rate_limited', requestId: 'r' });
      }
    }
  });

  it('that fails behind signs of life is not billed, behind samples it is', async () => {
    const failed = { code: 'InternalError', message: 'gone', request_id: 'r' };
    const life = { output: { phase: 'KeepAlive' }, usage: {} };
    const samples = { output: { audio: { data: 'AAAA' }, finish_reason: 'null' }, usage: { characters: 2 } };
    for (const [first, mayBeBilled] of [
      [life, false],
      [samples, true],
    ] as const) {
      const lines = `${JSON.stringify(first)}\n\n:HTTP_STATUS/500\nevent:error\ndata:${JSON.stringify(failed)}`;
      expect(await failureOf(answered('speak', lines, true))).toMatchObject({
        code: 'provider_unavailable',
        status: 500,
        mayBeBilled,
      });
    }
  });

  it('counts the additions of a stream, so nobody may ask for repetitions', async () => {
    const provider = provide({ apiKey: testKey, api: 'native' });
    const request = { messages: [user('Hi')], providerOptions: { qwen: { incremental_output: false } } };
    const call = callOf(provider, { operation: 'chat', request }, 'qwen-plus', { incremental: true });
    expect(() => provider.describe?.(call)).toThrow(/incremental_output/);
  });

  it('in events may be no event at all', async () => {
    const error = await failureOf(answered('speak', 'x', true));
    expect(error.code).toBe('invalid_response');
  });

  it('of a task that was accepted is paid for, even when it cannot be read', async () => {
    const server = await listen((response, { method }) => {
      const body = method === 'POST' ? { output: { task_id: 't/1', task_status: 'PENDING' } } : { output: 'gone' };
      return reply(200, { 'content-type': 'application/json' }, JSON.stringify(body))(response);
    });
    opened.push(server);
    const error = await failureOf(ask('task', server.url, false));
    expect(error).toMatchObject({ code: 'invalid_response', retryable: false, mayBeBilled: true });
    expect(error.details).toMatchObject({ taskId: 't/1', path: '$.output' });
    expect(server.received[1]?.path).toBe('/tasks/t%2F1');
    expect(server.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe.each(['chat', 'transcribe', 'speak', 'paint', 'task'])('a %s', (what) => {
  it.each<[Fault, string]>([
    [{ kind: 'html', status: 502 }, 'provider_unavailable'],
    [{ kind: 'html', status: 200 }, 'invalid_response'],
    [{ kind: 'hugeError' }, 'provider_unavailable'],
    [{ kind: 'empty' }, 'stream_truncated'],
    [{ kind: 'reset' }, 'provider_unavailable'],
    [{ kind: 'status', reason: 'data_inspection_failed' }, 'content_filtered'],
    [{ kind: 'status', reason: 'arrearage' }, 'provider_quota'],
    [{ kind: 'status', reason: 'too_large' }, 'provider_rejected'],
    [{ kind: 'status', status: 429, retryAfterMs: 3_000 }, 'provider_rate_limited'],
  ])('fails with %j as %s, once', async (fault, code) => {
    const simulator = await startSimulator();
    opened.push(simulator);
    simulator.script({ fault });
    const error = await failureOf(ask(what, simulator.baseUrls.qwenNative, false));
    expect(error.code).toBe(code);
    if (fault.kind === 'status' && fault.retryAfterMs !== undefined) expect(error.retryAfterMs).toBe(3_000);
    expect(JSON.stringify([error, error.message]).length).toBeLessThan(10_000);
    expect(JSON.stringify([error, error.message])).not.toContain(testKey);
    expect(simulator.stats().attempts.total).toBe(1);
  });
});
