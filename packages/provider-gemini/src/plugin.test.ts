import { type ProviderEvent, VibeError } from '@vibe/core';
import { collect, failureOf, type Loopback, listen, reply, resultOf } from '@vibe/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import byDefault, { gemini } from './index.js';
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
  const provider = provide({ apiKey: testKey, baseUrl: `${server.url}/v1beta` });
  opened.push(provider);
  return provider;
}

async function failure(answer: Parameters<typeof listen>[0], incremental = true): Promise<VibeError> {
  const server = await serve(answer);
  const provider = at(server);
  const error = await failureOf(collect(provider.stream(chatCall(provider, {}, { incremental }))));
  expect(server.received).toHaveLength(1);
  expect(JSON.stringify([error, error.message, error.stack])).not.toContain(testKey);
  return error;
}

const sse = { 'content-type': 'text/event-stream' };
const event = (json: unknown) => `data: ${JSON.stringify(json)}\r\n\r\n`;
const text = (words: string, finishReason?: string) => ({
  candidates: [
    { content: { role: 'model', parts: [{ text: words }] }, ...(finishReason !== undefined && { finishReason }) },
  ],
});
const ok = reply(
  200,
  {},
  JSON.stringify({ ...text('Hi', 'STOP'), modelVersion: 'models/gemini-2.5-flash', responseId: 'r1' }),
);

describe('the plugin', () => {
  it('is also the default export, and needs no options', () => {
    expect(byDefault).toBe(gemini);
    expect([gemini.pluginName, gemini.specVersion]).toEqual(['@vibe/provider-gemini', 'v1']);
    expect(provide()).toMatchObject({ kind: 'provider', id: 'gemini' });
    expect(provide({ profile: 'team-a' })).toMatchObject({ profile: 'team-a' });
  });

  it.each([
    [{ baseUrl: 'google' }, 'options.baseUrl'],
    [{ endpoints: [{ id: '', baseUrl: 'https://a.example' }] }, 'options.endpoints.0.id'],
    [{ models: [{ id: 'x', streams: 'maybe' }] }, 'options.models.0.streams'],
    [{ key: 'AIza' }, 'options'],
  ])('refuses bad options with their path: %j', (options, path) => {
    const error = caught(() => gemini(options as never));
    expect(VibeError.is(error, 'config')).toBe(true);
    expect(String(error)).toContain(`@vibe/provider-gemini: invalid options. ${path}:`);
  });

  it('has a key of its own with `keyEnv`, for a second profile', () => {
    vi.stubEnv('GEMINI_API_KEY', 'main');
    vi.stubEnv('GOOGLE_API_KEY', 'other');
    const [endpoint] = provide({ profile: 'work', keyEnv: 'WORK_KEY' }).endpoints;
    expect([endpoint?.keyName, endpoint?.keyPresent()]).toEqual(['WORK_KEY', false]);
    vi.stubEnv('WORK_KEY', 'work');
    expect(endpoint?.keyPresent()).toBe(true);
  });

  it('has the models of the facts', () => {
    const { models } = provide();
    const ids = models.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        'gemini-2.5-flash',
        'gemini-2.5-pro',
        'gemini-3.5-flash',
        'gemini-3.6-flash',
        'gemini-4-argon',
      ]),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const model of models.filter(({ operations }) => operations.includes('chat')))
      expect(model).toMatchObject({ contextTokens: 1_048_576, maxOutputTokens: 65_536 });
  });
});

describe('the endpoint', () => {
  it('is Google, with the first of two variables that is set', async () => {
    const [endpoint] = provide().endpoints;
    expect(endpoint).toMatchObject({
      id: 'global',
      region: 'global',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
      keyName: 'GEMINI_API_KEY',
    });
    expect(endpoint?.keyPresent()).toBe(false);
    vi.stubEnv('GOOGLE_API_KEY', 'second');
    expect(endpoint?.keyPresent()).toBe(true);
    const server = await serve(ok);
    const provider = provide({ baseUrl: server.url });
    opened.push(provider);
    vi.stubEnv('GEMINI_API_KEY', 'first');
    await collect(provider.stream(chatCall(provider, {}, { incremental: false })));
    expect((await server.request()).headers['x-goog-api-key']).toBe('first');
  });

  it('can be another, or several', () => {
    expect(provide({ baseUrl: 'http://127.0.0.1:1/v1beta/' }).endpoints).toMatchObject([
      { id: 'global', baseUrl: 'http://127.0.0.1:1/v1beta' },
    ]);
    vi.stubEnv('EU_KEY', 'x');
    const endpoints = [
      { id: 'eu', region: 'eu', baseUrl: 'https://eu.example/v1beta', keyEnv: 'EU_KEY' },
      { id: 'own', baseUrl: 'https://own.example/v1beta' },
    ];
    const several = provide({ endpoints }).endpoints;
    expect(several).toMatchObject([
      { id: 'eu', region: 'eu', keyName: 'EU_KEY' },
      { id: 'own', region: 'global', keyName: 'GEMINI_API_KEY' },
    ]);
    expect(several.map((each) => each.keyPresent())).toEqual([true, false]);
  });
});

describe('a chat', () => {
  it('sends exactly what it describes, with the key in a header only', async () => {
    const server = await serve(ok);
    const provider = at(server);
    const call = chatCall(provider, {}, { incremental: false });
    const described = provider.describe?.(call);
    expect(resultOf(await collect(provider.stream(call)))).toMatchObject({
      content: [{ type: 'text', text: 'Hi' }],
      servedModel: 'gemini-2.5-flash',
      requestId: 'r1',
      usage: null,
    });
    const sent = await server.request();
    expect(sent).toMatchObject({ method: 'POST', path: '/v1beta/models/gemini-2.5-flash:generateContent' });
    expect(sent.headers['x-goog-api-key']).toBe(testKey);
    expect(JSON.parse(sent.body)).toEqual(described?.body);
    expect(described).toMatchObject({ headers: { 'x-goog-api-key': '<redacted>' } });
  });

  it('without a key sends nothing and names the variables', async () => {
    const server = await serve(ok);
    const provider = provide({ baseUrl: server.url });
    const error = await failureOf(collect(provider.stream(chatCall(provider))));
    expect(error).toMatchObject({ code: 'auth' });
    expect(error.message).toContain('GEMINI_API_KEY or GOOGLE_API_KEY');
    expect(server.received).toHaveLength(0);
  });

  it('reports the usage so far before the deltas it counts', async () => {
    const usage = (counts: object) => ({ usageMetadata: { promptTokenCount: 3, ...counts } });
    const stream = [
      event({ ...text('a'), ...usage({ candidatesTokenCount: 1 }) }),
      event({ ...text('b', 'STOP'), ...usage({ candidatesTokenCount: 2, thoughtsTokenCount: 7 }) }),
    ];
    const provider = at(await serve(reply(200, sse, ...stream)));
    const events = await collect(provider.stream(chatCall(provider)));
    expect(events.map(({ type }) => type)).toEqual(['usage', 'delta', 'usage', 'delta', 'final']);
    expect(events[0]).toEqual({
      type: 'usage',
      deltasAhead: 1,
      usage: { quantities: { input_token: 3, output_token: 1 }, unknown: true, source: 'partial' },
    });
    expect(resultOf(events).usage).toEqual({
      quantities: { input_token: 3, output_token: 2, reasoning_token: 7 },
      unknown: false,
      source: 'provider',
    });
  });

  it('goes on after a first finish reason and ends with the body', async () => {
    const provider = at(
      await serve(reply(200, sse, event(text('a', 'STOP')), event(text('b')), event(text('c', 'MAX_TOKENS')))),
    );
    expect(resultOf(await collect(provider.stream(chatCall(provider))))).toMatchObject({
      content: [{ type: 'text', text: 'abc' }],
      finishReason: 'length',
    });
  });

  it('does not know what came behind the last usage', async () => {
    const early = { ...text('a'), usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 } };
    const provider = at(await serve(reply(200, sse, `${event(early)}${event(text('b', 'STOP'))}`)));
    expect(resultOf(await collect(provider.stream(chatCall(provider)))).usage).toEqual({
      quantities: { input_token: 3, output_token: 1 },
      unknown: true,
      source: 'partial',
    });
  });

  it('is read also when the service streams it though nobody asked', async () => {
    const provider = at(await serve(reply(200, sse, `${event(text('a'))}${event(text('b', 'STOP'))}`)));
    const events = await collect(provider.stream(chatCall(provider, {}, { incremental: false })));
    expect(resultOf(events)).toMatchObject({ content: [{ type: 'text', text: 'ab' }], finishReason: 'stop' });
    expect(await failure(reply(200, sse, event(text('a'))), false)).toMatchObject({ code: 'stream_truncated' });
  });

  it('is truncated without a finish reason or when the connection is lost', async () => {
    expect(await failure(reply(200, sse, event(text('a'))))).toMatchObject({
      code: 'stream_truncated',
      mayBeBilled: true,
    });
    const cut = (response: Parameters<Parameters<typeof listen>[0]>[0]) =>
      void response.writeHead(200, sse).write(event(text('a', 'STOP')), () => response.socket?.end());
    expect(await failure(cut)).toMatchObject({ code: 'stream_truncated' });
    expect(await failure(reply(200, sse, event(text('a')), 'data: {"candidates": [{"finis'))).toMatchObject({
      code: 'stream_truncated',
    });
    for (const none of ['', 'FINISH_REASON_UNSPECIFIED'])
      expect(await failure(reply(200, sse, event(text('a', none))))).toMatchObject({ code: 'stream_truncated' });
  });

  it('fails with an error in a 200 stream, as an event, as bare JSON or in an array', async () => {
    const busy = { error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } };
    const late = { code: 'provider_unavailable', status: 503, mayBeBilled: true };
    expect(await failure(reply(200, sse, event(text('a')), event(busy)))).toMatchObject(late);
    expect(await failure(reply(200, sse, event(text('a')), JSON.stringify(busy, null, 2)))).toMatchObject(late);
    expect(await failure(reply(200, {}, JSON.stringify([text('a'), busy], null, 2)))).toMatchObject(late);
    expect(await failure(reply(200, sse, event(busy)))).toMatchObject({ ...late, mayBeBilled: false });
    expect(await failure(reply(200, {}, JSON.stringify(busy)), false)).toMatchObject({ status: 503 });
    const slow = { error: { code: '429', message: 'Slow down' } };
    expect(await failure(reply(200, sse, event(slow)))).toMatchObject({ code: 'provider_rate_limited', status: 429 });
  });

  it.each([true, false])('that has failed is known to have cost what it says (in events: %s)', async (incremental) => {
    const busy = {
      error: { code: 503, message: 'Busy' },
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1 },
    };
    const provider = at(
      await serve(reply(200, incremental ? sse : {}, incremental ? event(busy) : JSON.stringify(busy))),
    );
    const seen: ProviderEvent[] = [];
    const read = (async () => {
      for await (const each of provider.stream(chatCall(provider, {}, { incremental }))) seen.push(each);
    })();
    await expect(read).rejects.toMatchObject({ code: 'provider_unavailable', mayBeBilled: true });
    expect(seen).toMatchObject([{ type: 'usage', usage: { quantities: { input_token: 3, output_token: 1 } } }]);
  });

  it('is an invalid response when a field has another type, with its path', async () => {
    const wrong = { candidates: [{ content: { parts: [{ text: 7 }] } }] };
    const path = '$.candidates[0].content.parts[0].text';
    expect(await failure(reply(200, sse, event(wrong)))).toMatchObject({ code: 'invalid_response', details: { path } });
    expect(await failure(reply(200, {}, JSON.stringify(wrong)), false)).toMatchObject({ details: { path } });
    const count = { ...text('a', 'STOP'), usageMetadata: { promptTokenCount: '3' } };
    expect(await failure(reply(200, {}, JSON.stringify(count)), false)).toMatchObject({
      details: { path: '$.usageMetadata.promptTokenCount' },
    });
    expect(await failure(reply(200, sse, 'data: {"candidates"\r\n\r\n'))).toMatchObject({ code: 'invalid_response' });
  });

  it('ignores what it does not know and what is null', async () => {
    const odd = { ...text('a', 'STOP'), usageMetadata: null, promptFeedback: null, newField: [1], modelVersion: null };
    const provider = at(await serve(reply(200, {}, JSON.stringify(odd))));
    const result = resultOf(await collect(provider.stream(chatCall(provider, {}, { incremental: false }))));
    expect(result).toMatchObject({ finishReason: 'stop', usage: null, servedModel: null });
  });

  it('survives a web page, nothing, and an error of 10 MB', async () => {
    const page = '<html>\n<title>Log in</title>\n</html>';
    expect(await failure(reply(200, sse, page))).toMatchObject({ code: 'invalid_response' });
    expect(await failure(reply(200, {}, page), false)).toMatchObject({ code: 'invalid_response' });
    expect(await failure(reply(200, {}, ''), false)).toMatchObject({ code: 'stream_truncated' });
    expect(await failure(reply(200, {}, '{}'), false)).toMatchObject({
      code: 'invalid_response',
      details: { path: '$.candidates' },
    });
    const huge = await failure(reply(500, {}, Buffer.alloc(10 * 1024 * 1024, 'x')));
    expect(huge).toMatchObject({ code: 'provider_unavailable', status: 500 });
    expect(huge.message.length).toBeLessThan(1_000);
  });

  it('takes no stream without a finish reason for an answer; a whole body is complete without one', async () => {
    const body = { ...JSON.parse(event(text('a')).slice('data:'.length)), usageMetadata: { promptTokenCount: 3 } };
    const seen: string[] = [];
    const streamed = at(await serve(reply(200, sse, event(body))));
    const read = async () => {
      for await (const { type } of streamed.stream(chatCall(streamed))) seen.push(type);
    };
    expect(await failureOf(read())).toMatchObject({ code: 'stream_truncated' });
    expect(seen).toEqual(['usage', 'delta']);
    const whole = at(await serve(reply(200, {}, JSON.stringify(body))));
    const result = resultOf(await collect(whole.stream(chatCall(whole, {}, { incremental: false }))));
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'a' }], rawFinishReason: null });
  });

  it('warns about what it could not honour', async () => {
    const provider = at(await serve(ok));
    const call = chatCall(provider, { reasoning: 'off' }, { model: 'gemini-2.5-pro', incremental: false });
    expect(resultOf(await collect(provider.stream(call))).warnings).toMatchObject([{ code: 'unsupported_parameter' }]);
  });

  it('closes its connection when the call is aborted or the loop is left', async () => {
    const stall = (response: Parameters<Parameters<typeof listen>[0]>[0]) =>
      void response.writeHead(200, sse).write(event(text('a')));
    const left = await serve(stall);
    const provider = at(left);
    for await (const _ of provider.stream(chatCall(provider))) break;
    await (await left.request()).closed;

    const aborted = await serve(stall);
    const second = at(aborted);
    const abort = new AbortController();
    const reason = new VibeError('timeout', 'No event for 5 s.');
    const error = await failureOf(
      (async () => {
        for await (const _ of second.stream(chatCall(second, {}, { signal: abort.signal }))) abort.abort(reason);
      })(),
    );
    expect(error).toBe(reason);
    await (await aborted.request()).closed;
  });

  it('never shows its key', async () => {
    const body = JSON.stringify({
      error: { code: 400, message: `API key not valid: ${testKey}`, status: 'INVALID_ARGUMENT' },
    });
    const provider = at(await serve(reply(400, {}, body)));
    const call = chatCall(provider);
    const error = await failureOf(collect(provider.stream(call)));
    const everything = [error, error.message, error.stack, provider, provider.describe?.(call), call];
    expect(JSON.stringify(everything)).not.toContain(testKey);
  });

  it('is refused under the name of an operation that nobody knows', () => {
    const provider = provide({ apiKey: testKey });
    const call = { ...chatCall(provider), operation: 'embed' } as never;
    expect(() => provider.describe?.(call)).toThrow(/gemini cannot embed with gemini-2.5-flash/);
  });
});

describe('a ping', () => {
  it('asks for one model', async () => {
    const server = await serve(reply(200, {}, '{"models":[]}'));
    const provider = at(server);
    const [endpoint] = provider.endpoints;
    if (endpoint === undefined) throw new Error('no endpoint');
    expect(await provider.ping?.(endpoint, new AbortController().signal)).toMatchObject({ ok: true, status: 200 });
    expect(await server.request()).toMatchObject({ method: 'GET', path: '/v1beta/models?pageSize=1' });
  });
});

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
