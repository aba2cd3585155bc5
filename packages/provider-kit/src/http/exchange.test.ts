import { type Answer, type Loopback, listen } from '@vibe/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { testKey } from '../testing.js';
import { createHttpClient, type HttpClient, type HttpResponse } from './http-client.js';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function ask(answer: Answer, signal = new AbortController().signal): Promise<[HttpResponse, Loopback]> {
  const server = await listen(answer);
  const client: HttpClient = createHttpClient();
  opened.push(server, client);
  const headers = { authorization: `Bearer ${testKey}` };
  return [await client.send({ method: 'GET', url: server.url, headers, signal, connectMs: 5_000 }, 'acme'), server];
}

describe('the body of an answer', () => {
  it('is text, without a byte order mark, however its characters were cut', async () => {
    const bytes = Buffer.from('\ufeffgrüß 你好 🌍');
    const [{ body }] = await ask((response) => {
      response.writeHead(200);
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(await body.text()).toBe('grüß 你好 🌍');
  });

  it('is empty when there is none', async () => {
    const [{ status, body }] = await ask((response) => void response.writeHead(204).end());
    expect([status, await body.text()]).toEqual([204, '']);
  });

  it('has the headers as one text each', async () => {
    const [{ headers, body }] = await ask((response) =>
      response
        .writeHead(200, [
          ['X-Two', 'a'],
          ['X-Two', 'b'],
        ] as never)
        .end(),
    );
    expect(headers['x-two']).toBe('a, b');
    body.destroy();
  });

  it('skips what comes before the answer', async () => {
    const [{ status, body }] = await ask((response) => {
      response.writeProcessing();
      response.writeHead(201).end('made');
    });
    expect([status, await body.text()]).toEqual([201, 'made']);
  });

  it('stops reading from the connection while nobody takes it', async () => {
    const piece = Buffer.alloc(256 * 1024, 'x');
    const pieces = 64;
    let sent = 0;
    const [{ body }] = await ask((response) => {
      const more = () => {
        while (sent < pieces && response.write(piece)) sent++;
        if (sent < pieces)
          response.once('drain', () => {
            sent++;
            more();
          });
        else response.end();
      };
      response.writeHead(200);
      more();
    });
    const reader = body[Symbol.asyncIterator]();
    let bytes = (await reader.next()).value.byteLength;
    // Both ends are in this process: turns in which a client that reads on would have had everything.
    for (let turn = 0; turn < 2_000; turn++) await new Promise(setImmediate);
    expect(sent).toBeLessThan(pieces);
    for (let step = await reader.next(); step.done !== true; step = await reader.next()) bytes += step.value.byteLength;
    expect([sent, bytes]).toEqual([pieces, pieces * piece.byteLength]);
  });

  it('gives what has arrived before it says that the connection was lost', async () => {
    const [{ body }] = await ask((response, _received, socket) => {
      response.writeHead(200, { 'content-length': '100' }).write('first', () => socket.destroy());
    });
    const pieces: string[] = [];
    await expect(async () => {
      for await (const piece of body) pieces.push(Buffer.from(piece).toString());
    }).rejects.toThrow();
    expect(pieces.join('')).toBe('first');
  });

  it('as text fails when the connection is lost', async () => {
    const [{ body }] = await ask((response, _received, socket) => {
      response.writeHead(200, { 'content-length': '100' }).write('first', () => socket.destroy());
    });
    await expect(body.text()).rejects.toThrow();
  });

  it('that is left closes the connection', async () => {
    const [{ body }, server] = await ask((response) => void response.writeHead(200).write('first'));
    for await (const _ of body) break;
    await (await server.request()).closed;
  });

  it('that is aborted between two reads fails at the next one, and closes the connection', async () => {
    const abort = new AbortController();
    const [{ body }, server] = await ask((response) => void response.writeHead(200).write('first'), abort.signal);
    const reader = body[Symbol.asyncIterator]();
    await reader.next();
    abort.abort();
    await (await server.request()).closed;
    await expect(reader.next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that is complete leaves its connection to others, also when nobody reads it', async () => {
    const [{ body }, server] = await ask((response) => void response.writeHead(200).end('all'));
    expect(await body.text()).toBe('all');
    body.destroy();
    const client = opened.at(-1) as HttpClient;
    const signal = new AbortController().signal;
    const second = await client.send({ method: 'GET', url: server.url, headers: {}, signal, connectMs: 5_000 }, 'acme');
    expect(await second.body.text()).toBe('all');
    expect(server.received.map(({ connection }) => connection)).toEqual([0, 0]);
  });
});
