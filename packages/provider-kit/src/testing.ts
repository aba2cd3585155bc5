/** Helpers of this package's tests: a loopback server that serves exact bytes, and the recordings where they are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ChatCall, ChatRequest, Endpoint, ModelManifest, PartsMessage, ProviderEvent } from '@vibe/core';
import type { ResponseBody } from './http/http-client.js';
import type { Classification, Service } from './http/service-error.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Which connection of the server it came on, counted from 0. */
  readonly connection: number;
  /** Resolves when that connection is closed. */
  readonly closed: Promise<void>;
}

export interface Loopback {
  readonly url: string;
  readonly received: Received[];
  /** Resolves with the request of that position, counted from 0. */
  request(position?: number): Promise<Received>;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, received: Received, socket: Socket) => void;

/** A server on loopback that answers every request in the same way. */
export async function listen(answer: Answer): Promise<Loopback> {
  const received: Received[] = [];
  const sockets: Socket[] = [];
  let arrived = () => {};
  let arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const server = createServer(async (incoming, response) => {
    const request = await read(incoming, sockets);
    received.push(request);
    const announce = arrived;
    arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    announce();
    answer(response, request, incoming.socket);
  });
  server.on('connection', (socket) => {
    sockets.push(socket.setMaxListeners(0));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async request(position = 0) {
      for (;;) {
        const found = received[position];
        if (found !== undefined) return found;
        await arrival;
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(incoming: IncomingMessage, sockets: readonly Socket[]): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    connection: sockets.indexOf(incoming.socket),
    closed: new Promise((resolve) => incoming.socket.once('close', () => resolve())),
  };
}

/** Answers with a status, headers and a body; a list of pieces is written piece by piece. */
export function reply(
  status: number,
  headers: Record<string, string>,
  body: string | Buffer | readonly Uint8Array[],
): Answer {
  return async (response) => {
    response.writeHead(status, headers);
    if (typeof body === 'string' || Buffer.isBuffer(body)) {
      response.end(body);
      return;
    }
    for (const piece of body) await new Promise((resolve) => response.write(piece, resolve));
    response.end();
  };
}

/** A body of the given pieces that counts how often it was asked and remembers whether it was destroyed. */
export function bodyOf(pieces: readonly (string | Uint8Array)[]): ResponseBody & { asked: number; destroyed: boolean } {
  const body = {
    asked: 0,
    destroyed: false,
    text: () => Promise.resolve(Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString('utf8')),
    destroy: () => {
      body.destroyed = true;
    },
    async *[Symbol.asyncIterator]() {
      let finished = false;
      try {
        for (const piece of pieces) {
          body.asked += 1;
          yield Buffer.from(piece);
        }
        finished = true;
      } finally {
        if (!finished) body.destroyed = true;
      }
    },
  };
  return body;
}

/** Splits bytes at every position, or every `size` bytes. */
export function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

export const testKey = 'sk-test-0123456789abcdef';

export function serviceOf(classify: (status: number | null) => Classification): Service {
  return { name: 'acme@main', secrets: [testKey], classify: ({ status }) => classify(status) };
}

export const testModel: ModelManifest = {
  id: 'acme-large',
  operations: ['chat'],
  input: ['text', 'image', 'audio', 'file_ref'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: true,
  tier: 'standard',
  maxOutputTokens: 2048,
};

export const testEndpoint: Endpoint = {
  id: 'main',
  region: 'global',
  baseUrl: 'https://acme.example/v1',
  keyPresent: () => true,
};

export function user(text: string): PartsMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** A chat call as the chain makes it. */
export function chatCall(request: Partial<ChatRequest> = {}, more: Partial<Omit<ChatCall, 'request'>> = {}): ChatCall {
  return {
    operation: 'chat',
    endpoint: testEndpoint,
    model: testModel,
    incremental: true,
    signal: new AbortController().signal,
    timeout: { connectMs: 5_000 },
    ...more,
    request: { messages: [user('Hello')], ...request },
  } as ChatCall;
}

export async function collect<Event = ProviderEvent>(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The folder of recorded traffic, null where there is none. */
export const recordingsFolder = ((): string | null => {
  const folder = process.env['VIBE_RECORDINGS'] ?? fileURLToPath(new URL('../../../../shared/wire', import.meta.url));
  return existsSync(folder) ? folder : null;
})();

export interface Recording {
  readonly name: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** The recordings of one wire, in the order of their names; none where the folder is missing. */
export function recordings(wire: string): Recording[] {
  if (recordingsFolder === null) return [];
  const folder = `${recordingsFolder}/${wire}`;
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.map(({ name }) => readRecording(`${folder}/${name}`, name)).sort((a, b) => a.name.localeCompare(b.name));
}

function readRecording(folder: string, name: string): Recording {
  const meta = JSON.parse(readFileSync(`${folder}/meta.json`, 'utf8'));
  const file = existsSync(`${folder}/response.sse`) ? 'response.sse' : 'response.json';
  const contentType = file.endsWith('.sse') ? 'text/event-stream' : 'application/json';
  const kept = Object.entries<string>(meta.response_headers ?? {}).filter(([header]) => keptHeaders.test(header));
  return {
    name,
    status: meta.http_status ?? meta.httpStatus,
    headers: { 'content-type': contentType, ...Object.fromEntries(kept) },
    body: existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`) : Buffer.alloc(0),
  };
}

/** The others belong to the recorded connection. */
const keptHeaders = /^(x-|retry-after|content-type$)/;
