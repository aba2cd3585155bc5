import { spawnSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { VibeError } from '@vibe/core';
import { type Answer, type Loopback, listen, reply } from '@vibe/testing';
import { getGlobalDispatcher } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { keylessFailureOf, testKey } from '../testing.js';
import { createHttpClient, type HttpClient, type HttpRequest } from './http-client.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function serve(answer: Answer): Promise<Loopback> {
  const server = await listen(answer);
  opened.push(server);
  return server;
}

function client(connections?: number): HttpClient {
  const made = createHttpClient(connections === undefined ? {} : { connections });
  opened.push(made);
  return made;
}

function post(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { authorization: `Bearer ${testKey}` },
    body: { hello: 'world' },
    signal: new AbortController().signal,
    connectMs: 5_000,
    ...more,
  };
}

const ok = reply(200, { 'content-type': 'application/json' }, '{"ok":true}');
const silent: Answer = () => {};

describe('a client that is told of a first request', () => {
  /** What a program loads that makes a client and then does `act`. */
  function loadedBy(act: string): string[] {
    const hooks = `export async function load(url, context, next) {
      process._rawDebug('loads ' + url);
      return next(url, context);
    }`;
    const program = `import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
      const { createHttpClient } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
      const client = createHttpClient();
      ${act}`;
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program]);
    expect(status).toBe(0);
    return [...String(stderr).matchAll(/^loads .*\/(origin-pool)[^/]*$/gm)].map((match) => match[1] ?? '');
  }

  it('loads what it needs once, and before that nothing', () => {
    expect(loadedBy('')).toEqual([]);
    expect(loadedBy('client.prepare(); client.prepare();')).toEqual(['origin-pool']);
  });

  it('opens no connection for it', async () => {
    const server = await serve(ok);
    const http = client();
    http.prepare();
    await (await http.send(post(server.url), 'acme')).body.text();
    http.prepare();
    expect(server.received.map(({ connection }) => connection)).toEqual([0]);
  });
});

describe('a client', () => {
  it('uses one connection again for calls that follow each other', async () => {
    const server = await serve(ok);
    const http = client();
    for (let call = 0; call < 20; call++) await (await http.send(post(server.url), 'acme')).body.text();
    expect(server.received).toHaveLength(20);
    expect(new Set(server.received.map(({ connection }) => connection))).toEqual(new Set([0]));
  });

  it('uses no more connections than there are calls at a time', async () => {
    const server = await serve(ok);
    const http = client();
    const loop = async () => {
      for (let call = 0; call < 20; call++) await (await http.send(post(server.url), 'acme')).body.text();
    };
    await Promise.all(Array.from({ length: 16 }, loop));
    expect(server.received).toHaveLength(320);
    expect(Math.max(...server.received.map(({ connection }) => connection))).toBeLessThan(16);
  });

  it('sends JSON with its length and leaves compression out', async () => {
    const server = await serve(ok);
    await (
      await client().send(post(`${server.url}/a/b?c=d`, { body: { text: 'grüß \u0000 \ud83d' } }), 'acme')
    ).body.text();
    const { path, headers, body } = await server.request();
    expect(path).toBe('/a/b?c=d');
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'accept-encoding': 'identity' });
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(JSON.parse(body)).toEqual({ text: 'grüß \u0000 \ufffd' });
  });

  it('sends bytes as they are', async () => {
    const server = await serve(reply(200, {}, ''));
    const bytes = new Uint8Array([65, 66]);
    await (
      await client().send(post(server.url, { bytes, headers: { 'content-type': 'image/png' } }), 'acme')
    ).body.text();
    const { headers, body } = await server.request();
    expect([headers['content-type'], headers['content-length'], body]).toEqual(['image/png', '2', 'AB']);
  });

  it('sends no body and no content type when there is none', async () => {
    const server = await serve(ok);
    await (await client().send(post(server.url, { method: 'GET', body: undefined }), 'acme')).body.text();
    const { method, headers } = await server.request();
    expect(method).toBe('GET');
    expect(headers['content-type']).toBeUndefined();
  });

  it('keeps to its bound of connections', async () => {
    const server = await serve(ok);
    const http = client(2);
    const calls = Array.from({ length: 10 }, async () => (await http.send(post(server.url), 'acme')).body.text());
    await Promise.all(calls);
    expect(server.received).toHaveLength(10);
    expect(Math.max(...server.received.map(({ connection }) => connection))).toBeLessThan(2);
  });

  it('does not follow a redirect', async () => {
    const server = await serve(reply(302, { location: 'http://127.0.0.1:1/elsewhere' }, ''));
    const response = await client().send(post(server.url), 'acme');
    expect(response.status).toBe(302);
    expect(server.received).toHaveLength(1);
    await response.body.text();
  });

  it('changes no global dispatcher', async () => {
    const before = getGlobalDispatcher();
    const server = await serve(ok);
    await (await client().send(post(server.url), 'acme')).body.text();
    expect(getGlobalDispatcher()).toBe(before);
  });

  it('takes no more calls when it is closed', async () => {
    const http = client();
    await http.close();
    await http.close();
    expect(await keylessFailureOf(http.send(post('http://127.0.0.1:1'), 'acme'))).toMatchObject({
      code: 'invalid_request',
    });
  });
});

describe('an abort', () => {
  it('before the call sends nothing', async () => {
    const server = await serve(ok);
    const error = await keylessFailureOf(
      client().send(post(server.url, { signal: AbortSignal.abort('enough') }), 'acme'),
    );
    expect(error).toMatchObject({ code: 'cancelled', cause: 'enough' });
    expect(server.received).toHaveLength(0);
  });

  it('before the answer closes the connection', async () => {
    const server = await serve(silent);
    const abort = new AbortController();
    const call = keylessFailureOf(client().send(post(server.url, { signal: abort.signal }), 'acme'));
    const received = await server.request();
    abort.abort(new Error('user left'));
    expect(await call).toMatchObject({ code: 'cancelled', cause: { message: 'user left' } });
    await received.closed;
  });

  it('in the middle of the body closes the connection', async () => {
    const server = await serve((response) => void response.writeHead(200).write('first'));
    const abort = new AbortController();
    const response = await client().send(post(server.url, { signal: abort.signal }), 'acme');
    const received = await server.request();
    await expect(async () => {
      for await (const _ of response.body) abort.abort();
    }).rejects.toThrow();
    await received.closed;
  });

  it('while the connection is being made is answered at once', async () => {
    const silentTls = createServer();
    const accepted = new Promise<Socket>((resolve) => silentTls.once('connection', resolve));
    await new Promise<void>((resolve) => silentTls.listen(0, '127.0.0.1', resolve));
    const abort = new AbortController();
    const { port } = silentTls.address() as { port: number };
    const never = { signal: abort.signal, connectMs: 3_600_000 };
    const call = keylessFailureOf(client().send(post(`https://127.0.0.1:${port}`, never), 'acme'));
    const socket = await accepted;
    abort.abort();
    expect(await call).toMatchObject({ code: 'cancelled' });
    socket.destroy();
    silentTls.close();
  });

  it.each([
    ['before the call', true],
    ['while the connection is being made', false],
  ])('by a timeout %s says that nothing was sent', async (_, isBefore) => {
    const silentTls = createServer();
    const accepted = new Promise<Socket>((resolve) => silentTls.once('connection', resolve));
    await new Promise<void>((resolve) => silentTls.listen(0, '127.0.0.1', resolve));
    const abort = new AbortController();
    const timeout = new VibeError('timeout', 'No answer within 5 s.', { details: { timeoutMs: 5_000 } });
    if (isBefore) abort.abort(timeout);
    const { port } = silentTls.address() as { port: number };
    const call = keylessFailureOf(client().send(post(`https://127.0.0.1:${port}`, { signal: abort.signal }), 'acme'));
    if (!isBefore) void accepted.then(() => abort.abort(timeout));
    const error = await call;
    expect(error).toMatchObject({ code: 'timeout', mayBeBilled: false, retryable: true, details: timeout.details });
    expect(error.message).toContain('No answer within 5 s. There was no connection yet, so nothing was sent.');
    if (!isBefore) (await accepted).destroy();
    silentTls.close();
  });

  it('with a VibeError as its reason throws that error', async () => {
    const server = await serve(silent);
    const abort = new AbortController();
    const call = keylessFailureOf(client().send(post(server.url, { signal: abort.signal }), 'acme'));
    await server.request();
    const reason = new VibeError('timeout', 'No answer within 5 s.');
    abort.abort(reason);
    expect(await call).toBe(reason);
  });

  it('leaves no listener on the signal, whatever the end', async () => {
    const server = await serve(ok);
    const abort = new AbortController();
    const http = client();
    for (let call = 0; call < 3; call++) {
      await (await http.send(post(server.url, { signal: abort.signal }), 'acme')).body.text();
    }
    await keylessFailureOf(http.send(post('http://127.0.0.1:1', { signal: abort.signal }), 'acme'));
    await new Promise(setImmediate); // the body removes its listener when it is closed, after its end
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });
});

describe('a failing network', () => {
  it('that refuses the connection is not billed', async () => {
    const error = await keylessFailureOf(client().send(post('http://127.0.0.1:1'), 'acme'));
    expect(error).toMatchObject({ code: 'provider_unavailable', retryable: true, mayBeBilled: false });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('that does not know the host is not billed', async () => {
    const error = await keylessFailureOf(client().send(post('http://vibe-test.invalid'), 'acme'));
    expect(error).toMatchObject({ code: 'provider_unavailable', mayBeBilled: false });
    expect(error.message).toMatch(/could not be resolved/);
  });

  it('that cannot speak TLS is not billed', async () => {
    const server = await serve(ok);
    const error = await keylessFailureOf(client().send(post(server.url.replace('http:', 'https:')), 'acme'));
    expect(error).toMatchObject({ code: 'provider_unavailable', mayBeBilled: false, details: { phase: 'connect' } });
  });

  it('that does not connect in time is a timeout that names connectMs, and is not billed', async () => {
    const silentTls = createServer();
    await new Promise<void>((resolve) => silentTls.listen(0, '127.0.0.1', resolve));
    const { port } = silentTls.address() as { port: number };
    const error = await keylessFailureOf(client().send(post(`https://127.0.0.1:${port}`, { connectMs: 50 }), 'acme'));
    expect(error).toMatchObject({ code: 'timeout', mayBeBilled: false });
    expect(error.message).toContain('timeout.connectMs');
    silentTls.close();
  });

  it('that has connected while the process was busy for longer than connectMs is answered', async () => {
    const [first, server] = [await serve(ok), await serve(ok)];
    const http = client();
    await (await http.send(post(first.url), 'acme')).body.text();
    const connectMs = 20;
    const call = http.send(post(server.url, { connectMs }), 'acme');
    // The kernel connects while nobody here can look at it: no turn of the loop has ended since the call began.
    for (let ticks = 0; ticks < 10; ticks++) await new Promise(process.nextTick);
    const fromMs = performance.now();
    while (performance.now() - fromMs <= 2 * connectMs);
    expect((await call).status).toBe(200);
  });

  it('that does not connect in time ends at its own time, whatever others wait for', async () => {
    const silentTls = createServer();
    await new Promise<void>((resolve) => silentTls.listen(0, '127.0.0.1', resolve));
    const { port } = silentTls.address() as { port: number };
    const ended: number[] = [];
    const wait = (connectMs: number) =>
      keylessFailureOf(client().send(post(`https://127.0.0.1:${port}`, { connectMs }), 'acme')).then(() =>
        ended.push(connectMs),
      );
    await Promise.all([wait(450), wait(0), wait(50)]);
    expect(ended).toEqual([0, 50, 450]);
    silentTls.close();
  });

  it('that resets after the request was sent may be billed', async () => {
    const server = await serve((_response, _received, socket) => void socket.resetAndDestroy());
    const error = await keylessFailureOf(client().send(post(server.url), 'acme'));
    expect(error).toMatchObject({ code: 'provider_unavailable', mayBeBilled: true, details: { phase: 'answer' } });
  });

  it('that answers no HTTP is an invalid response', async () => {
    const server = await serve((_response, _received, socket) => void socket.end('SSH-2.0-OpenSSH\r\n\r\n'));
    expect(await keylessFailureOf(client().send(post(server.url), 'acme'))).toMatchObject({ code: 'invalid_response' });
  });

  it('never gets a header that cannot be sent', async () => {
    const error = await keylessFailureOf(
      client().send(post('http://127.0.0.1:1', { headers: { 'x-bad': 'a\nb' } }), 'acme'),
    );
    expect(error).toMatchObject({ code: 'config' });
  });

  it.each(['not a url', 'ftp://127.0.0.1/'])('never gets an address like %s', async (url) => {
    expect(await keylessFailureOf(client().send(post(url), 'acme'))).toMatchObject({ code: 'config' });
  });
});
