/** Helpers of this package's tests: a loopback server that serves exact bytes, calls as the chain makes them, recordings. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type {
  ChatCall,
  ChatRequest,
  OperationRequest,
  PartsMessage,
  PluginHost,
  Provider,
  ProviderCall,
  ProviderEvent,
  ProviderResult,
} from '@vibe/core';
import { VibeError } from '@vibe/core';
import type { QwenOptions } from './options.js';
import { qwen } from './plugin.js';

export const testKey = 'sk-qwen-0123456789abcdef';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Resolves when its connection is closed. */
  readonly closed: Promise<void>;
}

export interface Loopback {
  readonly url: string;
  readonly received: Received[];
  /** Resolves when the first request has arrived. */
  readonly first: Promise<Received>;
  close(): Promise<void>;
}

/** A server on loopback that answers every request. */
export async function listen(answer: (response: ServerResponse, request: Received) => void): Promise<Loopback> {
  const received: Received[] = [];
  let arrived = (_: Received) => {};
  const first = new Promise<Received>((resolve) => {
    arrived = resolve;
  });
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      closed: new Promise<void>((resolve) => incoming.socket.once('close', () => resolve())),
    };
    received.push(request);
    arrived(request);
    answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    first,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with a status, headers and a body, which is written piece by piece. */
export function reply(status: number, headers: Record<string, string>, ...pieces: readonly (string | Uint8Array)[]) {
  return async (response: ServerResponse): Promise<void> => {
    response.writeHead(status, headers);
    for (const piece of pieces) await new Promise((resolve) => response.write(piece, resolve));
    response.end();
  };
}

/** Splits bytes every `size` bytes. */
export function slices(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

const host: PluginHost = { now: () => 0, random: () => 0, warn: () => {} };

/** The provider as `createVibe` makes it. */
export function provide(options: QwenOptions = {}): Provider {
  return qwen(options).create(host) as Provider;
}

export function user(text: string): PartsMessage {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** A chat call of a provider as the chain makes it; `model` is an id. */
export function chatCall(
  provider: Provider,
  request: Partial<ChatRequest> = {},
  more: {
    readonly model?: string;
    readonly endpoint?: string;
    readonly incremental?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): ChatCall {
  const model = provider.models.find(({ id }) => id === (more.model ?? 'qwen-plus'));
  const endpoint = provider.endpoints.find(({ id }) => more.endpoint === undefined || id === more.endpoint);
  if (model === undefined || endpoint === undefined) throw new Error(`no ${more.model} at ${more.endpoint}`);
  return {
    operation: 'chat',
    endpoint,
    model,
    incremental: more.incremental ?? true,
    signal: more.signal ?? new AbortController().signal,
    timeout: { connectMs: 5_000 },
    request: { messages: [user('Hello')], ...request },
  };
}

/** Any call of a provider as the chain makes it; `model` is an id, and may be one that no manifest has. */
export function callOf(
  provider: Provider,
  asked: OperationRequest,
  model: string,
  more: { readonly endpoint?: string; readonly incremental?: boolean; readonly signal?: AbortSignal } = {},
): ProviderCall {
  const endpoint = provider.endpoints.find(({ id }) => more.endpoint === undefined || id === more.endpoint);
  if (endpoint === undefined) throw new Error(`no endpoint ${more.endpoint}`);
  const manifest = provider.models.find(({ id }) => id === model) ?? { ...chatCall(provider).model, id: model };
  return {
    ...asked,
    endpoint,
    model: manifest,
    incremental: more.incremental ?? false,
    signal: more.signal ?? new AbortController().signal,
    timeout: { connectMs: 5_000 },
  };
}

export async function collect(events: AsyncIterable<ProviderEvent>): Promise<ProviderEvent[]> {
  const all: ProviderEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The result of events that end as they must: with exactly one `final`, last. */
export function resultOf(events: readonly ProviderEvent[]): ProviderResult {
  const finals = events.filter((event) => event.type === 'final');
  const last = events.at(-1);
  if (finals.length !== 1 || last?.type !== 'final') throw new Error(`${finals.length} finals`);
  return last.result;
}

/** The VibeError of work that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<VibeError> {
  const error: unknown = await work.then(
    () => new Error('it should have failed'),
    (reason) => reason,
  );
  if (!VibeError.is(error)) throw error;
  return error;
}

export interface Recording {
  readonly name: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** A file that the answer names by its address. */
  readonly extra?: Buffer;
}

/**
 * Fails with the recordings that no test reads and of which nobody says why not. Those of another folder (in
 * VIBE_RECORDINGS) are only told: they may be more than ours.
 */
export function checkAllRead(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  if (process.env['VIBE_RECORDINGS'] === undefined)
    throw new Error(`recordings that nothing reads: ${unknown.join(', ')}`);
  console.warn(`recordings that nothing reads: ${unknown.join(', ')}`);
}

/** The recordings of one wire, none where the folder is missing. */
export function recordings(wire: string): Recording[] {
  const root = process.env['VIBE_RECORDINGS'] ?? fileURLToPath(new URL('../../../../shared/wire', import.meta.url));
  const folder = `${root}/${wire}`;
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.map(({ name }) => readRecording(`${folder}/${name}`, name)).sort((a, b) => a.name.localeCompare(b.name));
}

function readRecording(folder: string, name: string): Recording {
  const meta = JSON.parse(readFileSync(`${folder}/meta.json`, 'utf8'));
  const file = ['response.sse', 'response.json'].find((each) => existsSync(`${folder}/${each}`));
  return {
    name,
    status: meta.http_status ?? meta.httpStatus,
    headers: { 'content-type': file === 'response.sse' ? 'text/event-stream' : 'application/json' },
    body: file === undefined ? Buffer.alloc(0) : readFileSync(`${folder}/${file}`),
    ...(existsSync(`${folder}/transcription-file.json`) && {
      extra: readFileSync(`${folder}/transcription-file.json`),
    }),
  };
}
