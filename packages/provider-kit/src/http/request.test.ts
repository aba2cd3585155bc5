import { type Answer, collect, type Loopback, listen, reply } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { SseEvent } from '../sse/read-sse.js';
import { keylessFailureOf, serviceOf, testKey } from '../testing.js';
import { createHttpClient, type HttpRequest } from './http-client.js';
import { requestHeaders, requestJson, requestStream } from './request.js';

const service = serviceOf((status) => ({
  code: status === 401 ? 'auth' : 'provider_unavailable',
  text: `no: ${testKey}`,
}));

let server: Loopback;
const http = createHttpClient();
afterEach(() => server.close());

async function post(answer: Answer, signal = new AbortController().signal): Promise<HttpRequest> {
  server = await listen(answer);
  return { method: 'POST', url: server.url, headers: {}, body: {}, signal, connectMs: 5_000 };
}

const sse = { 'content-type': 'text/event-stream' };

describe('requestHeaders', () => {
  it('gives the headers of an answer without a body, and throws a refusal', async () => {
    expect(await requestHeaders(http, await post(reply(200, { 'x-place': 'here' }, '')), service)).toMatchObject({
      'x-place': 'here',
    });
    await server.close();
    expect(await keylessFailureOf(requestHeaders(http, await post(reply(401, {}, '')), service))).toMatchObject({
      code: 'auth',
    });
  });
});

describe('requestJson', () => {
  it('gives the JSON, the status and the headers', async () => {
    const request = await post(reply(200, { 'x-request-id': 'r1' }, '{"answer":42}'));
    expect(await requestJson(http, request, service)).toMatchObject({
      status: 200,
      headers: { 'x-request-id': 'r1' },
      json: { answer: 42 },
    });
  });

  it('throws a refusal as the service reads it, with status, request id, wait and next steps, without the key', async () => {
    const headers = { 'x-request-id': 'r2', 'retry-after': '3' };
    const request = await post(reply(401, headers, '{"error":"bad key"}'));
    expect(await keylessFailureOf(requestJson(http, request, service))).toMatchObject({
      code: 'auth',
      status: 401,
      requestId: 'r2',
      retryAfterMs: 3_000,
      message: 'acme@main refused the API key (HTTP 401): no: [redacted].',
    });
  });

  it.each([
    ['', 'an empty body', 'stream_truncated'],
    ['{"choices": [{"mess', 'ends after 19 characters', 'stream_truncated'],
    ['<html><title>Welcome to the proxy</title></html>', 'Welcome to the proxy', 'invalid_response'],
  ])('says what came instead of JSON: %s', async (body, words, code) => {
    const request = await post(reply(200, {}, body));
    const error = await keylessFailureOf(requestJson(http, request, service));
    expect(error).toMatchObject({ code, status: undefined }); // a status that is no failure explains none
    expect(error.message).toContain(words);
  });

  it('cuts an error body of 10 MB and gives the connection up', async () => {
    const request = await post(reply(500, {}, Buffer.alloc(10 * 1024 * 1024, 'x')));
    const error = await keylessFailureOf(requestJson(http, request, service));
    expect(error).toMatchObject({ code: 'provider_unavailable', status: 500 });
    await (await server.request()).closed;
  });

  it('reports an answer that is cut in its body as truncated', async () => {
    const request = await post((response, _received, socket) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"answer":', () => socket.destroy());
    });
    expect(await keylessFailureOf(requestJson(http, request, service))).toMatchObject({
      code: 'stream_truncated',
      mayBeBilled: true,
    });
  });

  it('does not follow a redirect and says where it pointed', async () => {
    const request = await post(reply(307, { location: 'https://elsewhere.example/' }, ''));
    const error = await keylessFailureOf(requestJson(http, request, service));
    expect(error).toMatchObject({ code: 'provider_rejected', status: 307 });
    expect(error.message).toContain('https://elsewhere.example/');
  });
});

describe('requestStream', () => {
  it('asks for events and gives them', async () => {
    const request = await post(reply(200, sse, 'data: 1\n\ndata: 2\n\n'));
    const { events } = await requestStream(http, request, service);
    expect((await collect<readonly SseEvent[]>(events)).flat()).toEqual([
      { type: 'message', event: null, data: '1' },
      { type: 'message', event: null, data: '2' },
    ]);
    expect((await server.request()).headers.accept).toBe('text/event-stream');
  });

  it('throws a refusal before the first event, also when it is framed as an event', async () => {
    const request = await post(reply(400, sse, 'data: {"error":{"message":"no"}}\n\n'));
    expect(await keylessFailureOf(requestStream(http, request, service))).toMatchObject({ status: 400 });
  });

  it('closes the connection when the loop is left early', async () => {
    const request = await post((response) => void response.writeHead(200, sse).write('data: 1\n\n'));
    const { events } = await requestStream(http, request, service);
    for await (const _ of events) break;
    await (await server.request()).closed;
  });

  it('closes the connection when the signal is aborted, and throws its reason', async () => {
    const abort = new AbortController();
    const request = await post((response) => void response.writeHead(200, sse).write('data: 1\n\n'), abort.signal);
    const { events } = await requestStream(http, request, service);
    await events.next();
    const pending = keylessFailureOf(events.next());
    abort.abort('gone');
    expect(await pending).toMatchObject({ code: 'cancelled', cause: 'gone' });
    await (await server.request()).closed;
  });

  it('reports a connection that is lost in the middle as truncated', async () => {
    const request = await post((response, _received, socket) => {
      response.writeHead(200, sse).write('data: 1\n\n', () => socket.end());
    });
    const { events } = await requestStream(http, request, service);
    expect(await keylessFailureOf(collect(events))).toMatchObject({
      code: 'stream_truncated',
      details: { phase: 'body' },
    });
  });

  it('uses the connection again after a stream that was read to its end mark', async () => {
    const request = await post(reply(200, sse, 'data: 1\n\ndata: [DONE]\n\n'));
    for (let call = 0; call < 3; call++) {
      await collect((await requestStream(http, request, service, { lastData: '[DONE]' })).events);
    }
    expect(server.received.map(({ connection }) => connection)).toEqual([0, 0, 0]);
  });

  it('does not wait for a server that forgets to end the body after the end mark', async () => {
    const request = await post((response) => void response.writeHead(200, sse).write('data: 1\n\ndata: [DONE]\n\n'));
    const { events } = await requestStream(http, request, service, { lastData: '[DONE]' });
    expect((await collect<readonly SseEvent[]>(events)).flat()).toHaveLength(2);
    await (await server.request()).closed;
  });
});
