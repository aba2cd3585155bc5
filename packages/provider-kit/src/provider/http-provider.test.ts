import type { ChatCall, JsonObject, ProviderEvent, ProviderResult, Warning } from '@vibe/core';
import { type Answer, collect, type Loopback, listen, reply, user } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { chatCall, testKey, testModel } from '../testing.js';
import { readText, type WireObject } from '../wire/read-field.js';
import { messageText, textDelta, toldUsage } from './events.js';
import { type HttpService, httpProvider } from './http-provider.js';
import { unsupported } from './warnings.js';

let server: Loopback | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const result: ProviderResult = {
  content: [],
  finishReason: 'stop',
  rawFinishReason: 'stop',
  usage: null,
  servedModel: null,
  requestId: null,
};

/** Every document is a piece of text; the one with an `end` is the last. */
async function* answer(documents: AsyncIterable<WireObject>): AsyncGenerator<ProviderEvent> {
  for await (const document of documents) {
    const text = readText(document, 'text', '$');
    if (text !== undefined) yield textDelta(text);
    if ('end' in document) yield { type: 'final', result };
  }
}

async function provided(served: Answer, more: Partial<HttpService> & { readonly streams?: boolean } = {}) {
  server = await listen(served);
  const { streams, ...service } = more;
  const chat = {
    request: () => ({ path: '/answer', body: { hello: true }, ...(streams !== undefined && { streams }) }),
    answer,
  };
  const provider = httpProvider({
    id: 'acme',
    endpoints: [{ id: 'main', baseUrl: `${server.url}/v1/`, apiKey: testKey }],
    models: [testModel],
    operations: { chat },
    classify: () => ({ code: 'provider_rejected' }),
    ...service,
  });
  const [endpoint] = provider.endpoints;
  if (endpoint === undefined) throw new Error('no endpoint');
  return { provider, call: chatCall({}, { endpoint }), received: server.received };
}

const sse = { 'content-type': 'text/event-stream', 'x-request-id': 'r-1' };
const events = (...documents: readonly object[]) =>
  documents.map((document) => `data: ${JSON.stringify(document)}\n\n`).join('');

describe('a wish that the service does not know', () => {
  const last = reply(200, sse, events({ end: 1 }));
  const warned = async (request: object, asks: (call: ChatCall) => object, own: readonly Warning[] = []) => {
    const chat = {
      request: (call: ChatCall) => ({ path: '/answer', body: asks(call) as JsonObject }),
      answer: async function* (documents: AsyncIterable<WireObject>): AsyncGenerator<ProviderEvent> {
        for await (const event of answer(documents))
          yield event.type === 'final' ? { ...event, result: { ...result, warnings: own } } : event;
      },
    };
    const { provider, call } = await provided(last, { operations: { chat } });
    const asked = { ...call, request: { ...call.request, ...request } } as ChatCall;
    const final = (await collect(provider.stream(asked))).at(-1);
    await provider.close?.();
    return final?.type === 'final' ? (final.result.warnings ?? []).map(({ details }) => details?.['parameter']) : null;
  };
  const plain = () => ({ hello: true });

  it('becomes a warning when it makes no difference to what is sent', async () => {
    const request = { temperature: 0, stop: ['x'], seed: 1, reasoning: 'high', toolChoice: 'none' };
    expect(await warned(request, plain)).toEqual(['temperature', 'stop', 'seed', 'reasoning', 'toolChoice']);
  });

  it('becomes none when it is sent, when it wishes for nothing, or when the provider has said so itself', async () => {
    expect(await warned({ temperature: 0 }, ({ request }) => ({ t: request.temperature ?? null }))).toEqual([]);
    expect(await warned({ stop: [], reasoning: 'off', toolChoice: 'auto', topP: undefined }, plain)).toEqual([]);
    expect(await warned({ seed: 1 }, plain, [unsupported('seed', 'no')])).toEqual(['seed']);
    const needs = ({ request }: ChatCall) => {
      if (request.seed === undefined) throw new Error('a seed is needed');
      return {};
    };
    expect(await warned({ seed: 1 }, needs)).toEqual([]);
  });
});

describe('httpProvider', () => {
  it('sends what it describes, with the key in place of the word', async () => {
    const { provider, call, received } = await provided(reply(200, sse, events({ text: 'Hi' }, { end: 1 })));
    const described = provider.describe?.(call);
    await collect(provider.stream(call));
    expect(described).toMatchObject({ method: 'POST', url: `${server?.url}/v1/answer`, body: { hello: true } });
    expect(described?.headers).toEqual({ authorization: 'Bearer <redacted>' });
    expect(received[0]).toMatchObject({ method: 'POST', path: '/v1/answer', body: '{"hello":true}' });
    expect(received[0]?.headers['authorization']).toBe(`Bearer ${testKey}`);
    await provider.close?.();
  });

  it('sends the key as the service wants it, and none where there is none', async () => {
    const served = reply(200, sse, events({ end: 1 }));
    const { provider, call, received } = await provided(served, { authorize: (key) => ({ 'x-key': key }) });
    await collect(provider.stream(call));
    expect(received[0]?.headers['x-key']).toBe(testKey);
    const open = httpProvider({
      ...{ id: 'open', models: [testModel], classify: () => ({ code: 'provider_rejected' as const }) },
      endpoints: [{ id: 'main', baseUrl: server?.url ?? '', headers: { 'x-team': 'a' } }],
      operations: { chat: { request: () => ({ path: '/answer', body: {} }), answer } },
    });
    await collect(open.stream(call));
    expect(received[1]?.headers).toMatchObject({ 'x-team': 'a' });
    expect(received[1]?.headers['authorization']).toBeUndefined();
    expect(open.endpoints[0]?.keyPresent()).toBe(true);
    await Promise.all([provider.close?.(), open.close?.()]);
  });

  it('reads comments as signs of life and the mark of the end as no document, and nothing behind a final', async () => {
    const body = `: ping\n\n${events({ text: 'a' }, { end: 1 }, { text: 'late' })}data: [DONE]\n\n`;
    const { provider, call } = await provided(reply(200, sse, body));
    expect(await collect(provider.stream(call))).toEqual([
      textDelta('a'),
      { type: 'final', result: { ...result, requestId: 'r-1' } },
    ]);
    await provider.close?.();
  });

  it('takes an answer in one body for one document', async () => {
    const json = reply(200, { 'content-type': 'application/json' }, '{"text":"whole","end":1}');
    const { provider, call } = await provided(json, { streams: false });
    expect(await collect(provider.stream(call))).toEqual([textDelta('whole'), { type: 'final', result }]);
    await provider.close?.();
  });

  it('throws for an answer without its end, in either form', async () => {
    const { provider, call } = await provided(reply(200, sse, events({ text: 'a' })));
    await expect(collect(provider.stream(call))).rejects.toMatchObject({ code: 'stream_truncated' });
    await provider.close?.();
    await server?.close();
    const json = reply(200, { 'content-type': 'application/json' }, '{"text":"whole"}');
    const unary = await provided(json, { streams: false });
    await expect(collect(unary.provider.stream(unary.call))).rejects.toMatchObject({ code: 'stream_truncated' });
    await unary.provider.close?.();
  });

  it('throws for a body that is of no wire, an operation it has no words for, and a place it does not have', async () => {
    const { provider, call } = await provided(reply(200, sse, 'data: [1]\n\n'));
    await expect(collect(provider.stream(call))).rejects.toMatchObject({ code: 'invalid_response' });
    const speak = { ...call, operation: 'speak', request: { text: 'a' } } as never;
    await expect(collect(provider.stream(speak))).rejects.toMatchObject({ code: 'invalid_request' });
    const elsewhere = { ...call, endpoint: { ...call.endpoint, id: 'moon' } };
    await expect(collect(provider.stream(elsewhere))).rejects.toMatchObject({ code: 'config' });
    await provider.close?.();
  });

  it('pings only where it was told how', async () => {
    const { provider, call, received } = await provided(reply(200, {}, '{}'), { pingPath: '/health' });
    expect(await provider.ping?.(call.endpoint, call.signal)).toMatchObject({ ok: true, status: 200 });
    expect(received[0]).toMatchObject({ method: 'GET', path: '/v1/health' });
    await provider.close?.();
    await server?.close();
    expect((await provided(reply(200, {}, '{}'))).provider.ping).toBeUndefined();
  });
});

describe('helpers of a provider', () => {
  it('know a usage only when every count was told; 0 is a count', () => {
    expect(toldUsage({ input_token: 3, output_token: undefined })).toBeNull();
    expect(toldUsage({ input_token: 3, output_token: 0 })).toEqual({
      quantities: { input_token: 3, output_token: 0 },
      unknown: false,
      source: 'provider',
    });
  });

  it('never leave a part of a message out', () => {
    expect(messageText('acme', user('Hi'))).toBe('Hi');
    const image = { type: 'image', mediaType: 'image/png', data: new Uint8Array() } as const;
    expect(() => messageText('acme', { role: 'user', content: [image] })).toThrow('acme cannot take');
  });
});
