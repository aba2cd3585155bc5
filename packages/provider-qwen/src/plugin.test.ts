import { VibeError } from '@vibe/core';
import { collect, failureOf, type Loopback, listen, reply, resultOf } from '@vibe/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import byDefault, { qwen } from './index.js';
import { chatCall, provide, testKey } from './testing.js';

const opened: { close?(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of opened.splice(0)) await each.close?.();
});

async function serve(answer: Parameters<typeof listen>[0]): Promise<Loopback> {
  const server = await listen(answer);
  opened.push(server);
  return server;
}

function at(server: Loopback) {
  const provider = provide({ apiKey: testKey, baseUrl: `${server.url}/compatible-mode/v1` });
  opened.push(provider);
  return provider;
}

const answer = {
  id: 'chatcmpl-1',
  model: 'qwen-plus',
  choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
};
const ok = reply(200, { 'content-type': 'application/json' }, JSON.stringify(answer));
const delta = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n';
const unary = { incremental: false };

describe('the plugin', () => {
  it('is also the default export, and needs no options', () => {
    expect(byDefault).toBe(qwen);
    expect([qwen.pluginName, qwen.specVersion]).toEqual(['@vibe/provider-qwen', 'v1']);
    expect(provide()).toMatchObject({ kind: 'provider', id: 'qwen' });
    expect(provide({ profile: 'team-a' })).toMatchObject({ profile: 'team-a' });
  });

  it.each([
    [{ region: 'mars' }, 'options.region'],
    [{ baseUrl: 'dashscope' }, 'options.baseUrl'],
    [{ baseUrl: 'ftp://dashscope.example' }, 'options.baseUrl'],
    [{ endpoints: [{ id: 'x', region: 'cn', baseUrl: 'nope' }] }, 'options.endpoints.0.baseUrl'],
    [{ models: [{ id: 'x', tier: 'best' }] }, 'options.models.0.tier'],
    [{ apikey: 'sk' }, 'options'],
  ])('refuses bad options with their path: %j', (options, path) => {
    const error = caught(() => qwen(options as never));
    expect(VibeError.is(error, 'config')).toBe(true);
    expect(String(error)).toContain(`@vibe/provider-qwen: invalid options. ${path}:`);
  });

  it('has the models of the facts, each where it is served', () => {
    const { models } = provide();
    const ids = models.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(['qwen-max', 'qwen-plus', 'qwen-flash', 'qwen3-max', 'qwen3.8-max', 'qwq-plus']),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const model of models.filter(({ operations }) => operations.includes('chat'))) {
      expect(model).toMatchObject({ contextTokens: expect.any(Number), maxOutputTokens: expect.any(Number) });
    }
    expect(models.find(({ id }) => id === 'qwen-long')).toMatchObject({ endpoints: ['cn'] });
    expect(models.find(({ id }) => id === 'qwen-plus')).not.toHaveProperty('endpoints');
    expect(provide({ region: 'sg', baseUrl: 'http://127.0.0.1:1' }).models.map(({ id }) => id)).not.toContain(
      'qwen-long',
    );
  });

  it('takes overrides of models and new ones', () => {
    const { models } = provide({ models: [{ id: 'qwen-plus', tier: 'premium' }, { id: 'qwen9-max' }] });
    expect(models.find(({ id }) => id === 'qwen-plus')).toMatchObject({ tier: 'premium', contextTokens: 1_000_000 });
    expect(models.at(-1)).toMatchObject({ id: 'qwen9-max', operations: ['chat'] });
  });
});

describe('a chat', () => {
  it('sends exactly what it describes, but for the key', async () => {
    const server = await serve(ok);
    const provider = at(server);
    const call = chatCall(provider, {}, unary);
    const described = provider.describe?.(call);
    const result = resultOf(await collect(provider.stream(call)));
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'Hi' }], requestId: '1', servedModel: 'qwen-plus' });
    const sent = await server.request();
    expect(sent).toMatchObject({ method: 'POST', path: '/compatible-mode/v1/chat/completions' });
    expect(sent.headers['authorization']).toBe(`Bearer ${testKey}`);
    expect(JSON.parse(sent.body)).toEqual(described?.body);
    expect(described).toMatchObject({
      url: `${server.url}/compatible-mode/v1/chat/completions`,
      headers: { authorization: 'Bearer <redacted>' },
    });
  });

  it('without a key sends nothing and names the variable', async () => {
    const server = await serve(ok);
    const provider = provide({ baseUrl: server.url });
    const error = await failureOf(collect(provider.stream(chatCall(provider, {}, unary))));
    expect(error).toMatchObject({ code: 'auth' });
    expect(error.message).toContain('DASHSCOPE_API_KEY');
    expect(server.received).toHaveLength(0);
    vi.stubEnv('DASHSCOPE_API_KEY', testKey);
    await collect(provider.stream(chatCall(provider, {}, unary)));
    expect((await server.request()).headers['authorization']).toBe(`Bearer ${testKey}`);
  });

  it('collects the stream of a model that can only stream', async () => {
    const finish = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const server = await serve(reply(200, { 'content-type': 'text/event-stream' }, delta, finish));
    const provider = at(server);
    const result = resultOf(await collect(provider.stream(chatCall(provider, {}, { ...unary, model: 'qwq-plus' }))));
    expect(result.content).toEqual([{ type: 'text', text: 'Hi' }]);
    expect(JSON.parse((await server.request()).body)).toMatchObject({ stream: true });
  });

  it('warns about what it could not honour', async () => {
    const provider = at(await serve(ok));
    const tools = [{ name: 'weather', input: { type: 'object' } }];
    const call = chatCall(
      provider,
      { tools, toolChoice: 'required', reasoning: 'high' },
      { ...unary, model: 'qwen-max' },
    );
    expect(resultOf(await collect(provider.stream(call))).warnings).toMatchObject([
      { code: 'unsupported_parameter', details: { parameter: 'reasoning' } },
      { code: 'unsupported_parameter', details: { parameter: 'toolChoice' } },
    ]);
  });

  it('closes its connection when the call is aborted or the loop is left', async () => {
    const stall = (response: Parameters<Parameters<typeof listen>[0]>[0]) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(delta);
    const left = await serve(stall);
    const provider = at(left);
    for await (const _ of provider.stream(chatCall(provider))) break;
    await (await left.request()).closed;

    const aborted = await serve(stall);
    const second = at(aborted);
    const abort = new AbortController();
    const error = await failureOf(
      (async () => {
        for await (const _ of second.stream(chatCall(second, {}, { signal: abort.signal }))) abort.abort('enough');
      })(),
    );
    expect(error).toMatchObject({ code: 'cancelled', cause: 'enough' });
    await (await aborted.request()).closed;
  });

  it('never retries and never shows its key', async () => {
    const body = JSON.stringify({ error: { code: 'invalid_api_key', message: `Incorrect API key: ${testKey}` } });
    const server = await serve(reply(401, {}, body));
    const provider = at(server);
    const call = chatCall(provider);
    const error = await failureOf(collect(provider.stream(call)));
    expect(error).toMatchObject({ code: 'auth' });
    expect(server.received).toHaveLength(1);
    const everything = [error, error.message, error.stack, provider, provider.describe?.(call), call];
    expect(JSON.stringify(everything)).not.toContain(testKey);
  });

  it('is one of four operations, and of others nothing is known', async () => {
    const provider = provide({ apiKey: testKey });
    const call = { ...chatCall(provider), operation: 'dance' } as never;
    expect(() => provider.describe?.(call)).toThrow(/qwen cannot dance with qwen-plus/);
    expect(await failureOf(collect(provider.stream(call)))).toMatchObject({ code: 'invalid_request' });
  });

  it('needs one of its own endpoints', async () => {
    const provider = provide({ apiKey: testKey });
    const call = chatCall(provider);
    const elsewhere = { ...call, endpoint: { ...call.endpoint, id: 'mars' } };
    expect(await failureOf(collect(provider.stream(elsewhere)))).toMatchObject({ code: 'config' });
  });
});

describe('a ping', () => {
  it('lists the models with the key', async () => {
    const server = await serve(reply(200, {}, '{"data":[]}'));
    const provider = at(server);
    const [endpoint] = provider.endpoints;
    if (endpoint === undefined) throw new Error('no endpoint');
    expect(await provider.ping?.(endpoint, new AbortController().signal)).toMatchObject({ ok: true, status: 200 });
    expect(await server.request()).toMatchObject({ method: 'GET', path: '/compatible-mode/v1/models' });
  });

  it('reports a missing key', async () => {
    const provider = provide({ baseUrl: 'http://127.0.0.1:1' });
    const [endpoint] = provider.endpoints;
    if (endpoint === undefined) throw new Error('no endpoint');
    expect(await provider.ping?.(endpoint, new AbortController().signal)).toMatchObject({
      ok: false,
      message: expect.stringContaining('DASHSCOPE_API_KEY'),
    });
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
