import { type Answer, type Loopback, listen, reply } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpClient } from '../http/http-client.js';
import { keylessFailureOf, testEndpoint } from '../testing.js';
import { downloadMedia, type MediaDownload, mediaPlaces } from './download.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function serve(answer: Answer): Promise<Loopback> {
  const server = await listen(answer);
  opened.push(server);
  return server;
}

function fetchFrom(url: string, more: Partial<MediaDownload> = {}) {
  const client = createHttpClient();
  opened.push(client);
  const signal = new AbortController().signal;
  const places = ['http://127.0.0.1:1/v1'];
  return downloadMedia(client, { url, places, maxBytes: 1_000, signal, connectMs: 5_000, ...more }, 'acme@main');
}

describe('a download', () => {
  it('gives the bytes with their type, and sends no key', async () => {
    const server = await serve(reply(200, { 'content-type': 'Audio/WAV; codecs=1' }, Buffer.from([1, 2, 3])));
    const { bytes, mediaType } = await fetchFrom(`${server.url}/a.wav?Signature=x`);
    expect([[...bytes], mediaType]).toEqual([[1, 2, 3], 'audio/wav']);
    expect(server.received[0]).toMatchObject({ method: 'GET', path: '/a.wav?Signature=x', body: '' });
    expect(server.received[0]?.headers).not.toHaveProperty('authorization');
  });

  it('knows no type when the host says none', async () => {
    const server = await serve(reply(200, {}, 'x'));
    expect((await fetchFrom(server.url)).mediaType).toBeNull();
  });

  it.each([
    ['another host', 'http://files.example/a.png'],
    ['a host that ends like an allowed one', 'https://notmedia.acme.example/a.png'],
    ['a host that begins like an allowed one', 'https://media.acme.example.evil.test/a.png'],
    ['loopback, when nothing of the endpoint is there', 'http://127.0.0.1:9/a.png'],
    ['a file on this machine', 'file:///etc/passwd'],
    ['no address', 'a.png'],
  ])('is refused from %s', async (_name, url) => {
    const error = await keylessFailureOf(fetchFrom(url, { places: ['https://media.acme.example'] }));
    expect(error).toMatchObject({
      code: 'invalid_response',
      retryable: false,
      details: { allowed: ['media.acme.example'] },
    });
  });

  it('asks with https where the place is declared so, also of subdomains', async () => {
    const error = await keylessFailureOf(
      fetchFrom('http://cn.media.invalid/a.png', { places: ['https://media.invalid'] }),
    );
    expect(error.message).toContain('https://cn.media.invalid');
  });

  it('ends where a file is too large', async () => {
    const server = await serve(reply(200, {}, Buffer.alloc(600), Buffer.alloc(600)));
    expect(await keylessFailureOf(fetchFrom(server.url))).toMatchObject({
      code: 'invalid_response',
      retryable: false,
      details: { maxBytes: 1_000 },
    });
  });

  it('takes a file of exactly the size that is allowed', async () => {
    const server = await serve(reply(200, {}, Buffer.alloc(1_000)));
    expect((await fetchFrom(server.url)).bytes.byteLength).toBe(1_000);
  });

  it.each([
    [403, 'invalid_response'],
    [302, 'invalid_response'],
    [500, 'provider_unavailable'],
  ])('fails with HTTP %i as %s, and follows nothing', async (status, code) => {
    const server = await serve(reply(status, { location: '/elsewhere' }, 'no'));
    expect(await keylessFailureOf(fetchFrom(server.url))).toMatchObject({ code, status });
    expect(server.received).toHaveLength(1);
  });

  it('fails when the file is cut', async () => {
    const server = await serve((response, _request, socket) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => socket.resetAndDestroy());
    });
    expect(await keylessFailureOf(fetchFrom(server.url))).toMatchObject({ code: 'stream_truncated' });
  });

  it('ends with its signal', async () => {
    const abort = new AbortController();
    const server = await serve((response) => response.writeHead(200).write('x'));
    const work = keylessFailureOf(fetchFrom(server.url, { signal: abort.signal }));
    await server.request();
    abort.abort();
    expect(await work).toMatchObject({ code: 'cancelled' });
  });
});

describe('the places of an endpoint', () => {
  it('are its own and those that it declares', () => {
    const alsoUses = [{ region: 'cn', baseUrl: 'https://oss.example' }];
    expect(mediaPlaces(testEndpoint)).toEqual(['https://acme.example/v1']);
    expect(mediaPlaces({ ...testEndpoint, alsoUses })).toEqual(['https://acme.example/v1', 'https://oss.example']);
  });
});
