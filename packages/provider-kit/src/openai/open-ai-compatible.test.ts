import { createVibe, VibeError } from '@vibe/core';
import { collect, type Loopback, listen, reply } from '@vibe/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chatCall, testKey, testModel } from '../testing.js';
import { type CompatibleEndpoint, openAiCompatible } from './open-ai-compatible.js';

const opened: { close?(): Promise<void> }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of opened.splice(0)) await each.close?.();
});

const answer = JSON.stringify({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] });

async function serve(status = 200, body = answer): Promise<Loopback> {
  const server = await listen(reply(status, {}, body));
  opened.push(server);
  return server;
}

function acme(...endpoints: readonly CompatibleEndpoint[]) {
  const provider = openAiCompatible({ id: 'acme', endpoints, models: [testModel] });
  opened.push(provider);
  const [endpoint] = provider.endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  return { provider, endpoint, call: chatCall({}, { endpoint, incremental: false }) };
}

describe('a compatible provider', () => {
  it('sends exactly what it describes, but for the key', async () => {
    const server = await serve();
    const { provider, call } = acme({
      id: 'main',
      baseUrl: `${server.url}/v1/`,
      apiKey: testKey,
      headers: { 'x-team': 'a' },
    });
    const described = provider.describe?.(call);
    await collect(provider.stream(call));
    const sent = await server.request();
    expect(sent.headers['authorization']).toBe(`Bearer ${testKey}`);
    expect(sent.headers['x-team']).toBe('a');
    expect(described).toEqual({
      method: 'POST',
      url: `${server.url}/v1/chat/completions`,
      headers: { authorization: 'Bearer <redacted>', 'x-team': 'a' },
      body: JSON.parse(sent.body),
    });
  });

  it('costs a client no AbortSignal while nobody cancels', async () => {
    const server = await serve();
    const { provider } = acme({ id: 'main', baseUrl: server.url, apiKey: testKey });
    const vibe = createVibe({ plugins: [provider] });
    await vibe.generate({ prompt: 'The first loads the transport' });
    const made = vi.spyOn(AbortController.prototype, 'signal', 'get');
    try {
      expect((await vibe.generate({ prompt: 'Hi' })).text).toBe('Hi');
      expect((await vibe.stream({ prompt: 'Hi' }).final()).text).toBe('Hi');
      expect(made).not.toHaveBeenCalled();
    } finally {
      made.mockRestore();
    }
  });

  it('reads its key when it is asked, and sends nothing without', async () => {
    const server = await serve();
    const { provider, endpoint, call } = acme({ id: 'main', baseUrl: server.url, keyEnv: 'ACME_TEST_KEY' });
    expect(endpoint).toMatchObject({ keyName: 'ACME_TEST_KEY' });
    expect(endpoint.keyPresent()).toBe(false);
    expect(provider.describe?.(call)).toMatchObject({ headers: { authorization: 'Bearer <redacted>' } });
    const error: unknown = await collect(provider.stream(call)).catch((reason) => reason);
    expect(VibeError.is(error, 'auth')).toBe(true);
    expect(String(error)).toContain('ACME_TEST_KEY');
    expect(server.received).toHaveLength(0);
    vi.stubEnv('ACME_TEST_KEY', testKey);
    expect(endpoint.keyPresent()).toBe(true);
    await collect(provider.stream(call));
    expect((await server.request()).headers['authorization']).toBe(`Bearer ${testKey}`);
  });

  it('works without any key, as a local server wants it', async () => {
    const server = await serve();
    const { provider, endpoint, call } = acme({ id: 'main', baseUrl: server.url });
    expect(endpoint.keyPresent()).toBe(true);
    await collect(provider.stream(call));
    expect((await server.request()).headers['authorization']).toBeUndefined();
  });

  it('uses one connection for calls that follow each other', async () => {
    const server = await serve();
    const { provider, call } = acme({ id: 'main', baseUrl: server.url });
    for (let n = 0; n < 5; n++) await collect(provider.stream(call));
    expect(server.received.map(({ connection }) => connection)).toEqual([0, 0, 0, 0, 0]);
  });

  it('never shows its key', async () => {
    const server = await serve(401, JSON.stringify({ error: { message: `Incorrect API key provided: ${testKey}` } }));
    const { provider, call } = acme({ id: 'main', baseUrl: server.url, apiKey: testKey });
    const error: unknown = await collect(provider.stream(call)).catch((reason) => reason);
    expect(error).toMatchObject({ code: 'auth', status: 401 });
    const everything = JSON.stringify([
      provider,
      provider.describe?.(call),
      error,
      String(error),
      (error as Error).stack,
    ]);
    expect(everything).not.toContain(testKey);
  });

  it('cannot do other operations', () => {
    const { provider, call } = acme({ id: 'main', baseUrl: 'https://acme.example/v1' });
    const speak = { ...call, operation: 'speak', request: { text: 'Hi' } } as const;
    expect(() => provider.describe?.(speak)).toThrow(/acme cannot speak with acme-large/);
  });
});

describe('a service that is described in plain JavaScript', () => {
  it.each(['endpoints', 'models'])('is told that it lacks its %s', (field) => {
    const service = { id: 'acme', endpoints: [], models: [testModel], [field]: undefined };
    expect(() => openAiCompatible(service as never)).toThrow(`openAiCompatible acme: ${field} must be a list.`);
    expect(() => openAiCompatible(service as never)).toThrow(VibeError);
  });
});

describe('a ping', () => {
  it('is a cheap GET', async () => {
    const server = await serve(200, '{"data":[]}');
    const { provider, endpoint } = acme({ id: 'main', baseUrl: server.url, apiKey: testKey });
    expect(await provider.ping?.(endpoint, new AbortController().signal)).toMatchObject({ ok: true, status: 200 });
    expect(await server.request()).toMatchObject({ method: 'GET', path: '/models', body: '' });
  });

  it('reports a missing key without sending anything', async () => {
    const server = await serve();
    const { provider, endpoint } = acme({ id: 'main', baseUrl: server.url, keyEnv: 'ACME_TEST_KEY' });
    expect(await provider.ping?.(endpoint, new AbortController().signal)).toMatchObject({
      ok: false,
      message: expect.stringContaining('ACME_TEST_KEY'),
    });
    expect(server.received).toHaveLength(0);
  });

  it('throws when it is aborted', async () => {
    const { provider, endpoint } = acme({ id: 'main', baseUrl: 'http://127.0.0.1:1' });
    await expect(provider.ping?.(endpoint, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('reports a refusal and an unreachable host', async () => {
    const server = await serve(401, '{}');
    const refused = acme({ id: 'main', baseUrl: server.url, apiKey: testKey });
    const { signal } = new AbortController();
    expect(await refused.provider.ping?.(refused.endpoint, signal)).toMatchObject({ ok: false, status: 401 });
    const down = acme({ id: 'main', baseUrl: 'http://127.0.0.1:1' });
    expect(await down.provider.ping?.(down.endpoint, signal)).toMatchObject({
      ok: false,
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('reasoning', () => {
  const { provider, call } = acme({ id: 'main', baseUrl: 'https://acme.example/v1' });
  const bodyFor = (reasoning: 'off' | 'low' | { budgetTokens: number }) =>
    provider.describe?.({ ...call, request: { ...call.request, reasoning } }).body;

  it('is an effort', () => {
    expect(bodyFor('low')).toMatchObject({ reasoning_effort: 'low' });
  });

  it('is a warning where chat completions have no word for it', async () => {
    const server = await serve();
    const served = acme({ id: 'main', baseUrl: server.url });
    for (const reasoning of ['off', { budgetTokens: 5 }] as const) {
      expect(bodyFor(reasoning)).not.toHaveProperty('reasoning_effort');
      const events = await collect(
        served.provider.stream({ ...served.call, request: { ...served.call.request, reasoning } }),
      );
      expect(events.at(-1)).toMatchObject({ result: { warnings: [{ code: 'unsupported_parameter' }] } });
    }
  });
});
