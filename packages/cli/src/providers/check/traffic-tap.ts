import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** One answer as it came over the wire. Headers and the request itself, where keys are, are not kept. */
export interface Exchange {
  readonly method: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** More of one answer is not kept: pictures in base64 fit. */
const maxBodyBytes = 64 * 1024 * 1024;

interface Open {
  readonly method: string;
  readonly status: number;
  readonly contentType: string;
  readonly chunks: Uint8Array[];
  bytes: number;
}

/** What a run gave, and what came over the wire meanwhile. */
export interface Tapped<T> {
  readonly result: T;
  readonly exchanges: readonly Exchange[];
}

/** What undici, and with it `fetch`, publishes (https://undici.nodejs.org, "Diagnostics Channel Support"). */
interface HeadersMessage {
  readonly request: { readonly method?: string };
  readonly response: { readonly statusCode: number; readonly headers: readonly Uint8Array[] };
}

interface ChunkMessage {
  readonly request: object;
  readonly chunk: Uint8Array;
}

/**
 * Listens to the HTTP answers of this process while one call runs, whichever plugin makes it. undici tells its channels
 * of every answer, so that providers need no way in for it.
 */
export async function tapped<T>(run: () => Promise<T>): Promise<Tapped<T>> {
  const answers = new Map<object, Open>();
  const onHeaders = (message: unknown) => {
    const { request, response } = message as HeadersMessage;
    const { statusCode: status } = response;
    const open = {
      method: request.method ?? '',
      status,
      contentType: contentTypeIn(response.headers),
      chunks: [],
      bytes: 0,
    };
    answers.set(request, open);
  };
  const onChunk = (message: unknown) => {
    const { request, chunk } = message as ChunkMessage;
    const open = answers.get(request);
    if (open === undefined || open.bytes + chunk.byteLength > maxBodyBytes) return;
    open.bytes += chunk.byteLength;
    open.chunks.push(Uint8Array.from(chunk)); // undici uses its buffer again
  };
  subscribe('undici:request:headers', onHeaders);
  subscribe('undici:request:bodyChunkReceived', onChunk);
  try {
    const result = await run();
    return { result, exchanges: [...answers.values()].map(exchangeOf) };
  } finally {
    unsubscribe('undici:request:headers', onHeaders);
    unsubscribe('undici:request:bodyChunkReceived', onChunk);
  }
}

function exchangeOf({ method, status, contentType, chunks }: Open): Exchange {
  return { method, status, contentType, body: Buffer.concat(chunks).toString('utf8') };
}

/** Names and values follow each other. */
function contentTypeIn(headers: readonly Uint8Array[]): string {
  const texts = headers.map((header) => Buffer.from(header).toString('latin1'));
  const at = texts.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'content-type');
  return at < 0 ? '' : (texts[at + 1] ?? '').toLowerCase();
}

/** The JSON documents of an answer: the whole body, the items of a list, or the events of a stream. */
export function documentsOf({ contentType, body }: Exchange): readonly unknown[] {
  if (contentType.includes('event-stream')) {
    const lines = body.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
    return lines.flatMap((line) => jsonIn(line.slice('data:'.length)));
  }
  return contentType.includes('json') ? jsonIn(body).flatMap((json) => (Array.isArray(json) ? json : [json])) : [];
}

/** The last event of a stream that was left may be cut, and the mark of its end is no JSON. */
function jsonIn(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}
