import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { type Answer, type Loopback, listen, reply } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { bodyOf, serviceOf } from '../testing.js';
import { decodedBody } from './decoded-body.js';
import { createHttpClient, type HttpRequest } from './http-client.js';
import { requestJson, requestStream } from './request.js';

const service = serviceOf(() => ({ code: 'provider_unavailable' }));
const http = createHttpClient();
const open: Loopback[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function post(answer: Answer): Promise<HttpRequest> {
  const server = await listen(answer);
  open.push(server);
  const signal = new AbortController().signal;
  return { method: 'POST', url: server.url, headers: {}, body: {}, signal, connectMs: 5_000 };
}

const answer = JSON.stringify({ text: '天空 '.repeat(500) });
const events = 'data: 1\n\ndata: 2\n\n';

describe('an answer that is packed although nobody asked for it', () => {
  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('is unpacked: %s', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    expect((await requestJson(http, await post(reply(200, headers, pack(answer))), service)).json).toEqual(
      JSON.parse(answer),
    );
    const stream = await requestStream(http, await post(reply(200, headers, pack(events))), service);
    const read = [];
    for await (const batch of stream.events) read.push(...batch);
    expect(read).toMatchObject([{ data: '1' }, { data: '2' }]);
  });

  it('streams: an event comes while the rest is not sent, and leaving closes the connection', async () => {
    const request = await post((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      gzip.pipe(response);
      gzip.write('data: 1\n\n');
    });
    const stream = await requestStream(http, request, service);
    for await (const batch of stream.events) {
      expect(batch).toMatchObject([{ data: '1' }]);
      break;
    }
    await (await open[0]?.request())?.closed;
  });

  it.each([
    ['gzip', 'is cut', gzipSync(answer).subarray(0, 40), 'stream_truncated'],
    ['br', 'is cut', brotliCompressSync(answer).subarray(0, 20), 'stream_truncated'],
    ['gzip', 'is not packed', Buffer.from('not packed at all'), 'invalid_response'],
    ['br', 'is not packed', Buffer.from('not packed at all'), 'invalid_response'],
  ])('says so: what calls itself %s %s', async (encoding, _, bytes, code) => {
    const request = await post(reply(200, { 'content-encoding': encoding }, bytes));
    await expect(requestJson(http, request, service)).rejects.toMatchObject({ code });
  });

  it('may not become larger than any answer', async () => {
    const body = await decodedBody(bodyOf([gzipSync('x'.repeat(1_000))]), 'gzip', 999);
    await expect(body.text()).rejects.toMatchObject({ code: 'invalid_response' });
    expect(await (await decodedBody(bodyOf([gzipSync('x')]), 'gzip', 1)).text()).toBe('x');
  });

  it('is handed on as it came when nobody knows how to unpack it', async () => {
    const body = bodyOf(['x']);
    expect(await decodedBody(body, 'identity')).toBe(body);
    expect(await decodedBody(body, undefined)).toBe(body);
  });
});
