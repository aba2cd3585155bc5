import { pipeline, Readable, type Transform } from 'node:stream';
import { VibeError } from '@vibe/core';
import type { ResponseBody } from './http-client.js';

/** The largest body that is unpacked as a whole, as large as one that came unpacked. */
const MAX_BYTES = 512 * 1024 * 1024;

/** What stands in `content-encoding` for a body that is not packed, or for one that nobody here can unpack. */
const unpackers: ReadonlyMap<string, (zlib: typeof import('node:zlib')) => Transform> = new Map([
  ['gzip', (zlib) => zlib.createGunzip()],
  ['x-gzip', (zlib) => zlib.createGunzip()],
  ['deflate', (zlib) => zlib.createInflate()],
  ['br', (zlib) => zlib.createBrotliDecompress()],
]);

/**
 * A body that is packed although we ask for none that is: some proxies do it all the same, and the answer has been paid for.
 * `maxBytes` bounds what `text` unpacks.
 */
export async function decodedBody(
  body: ResponseBody,
  encoding: string | undefined,
  maxBytes: number = MAX_BYTES,
): Promise<ResponseBody> {
  const unpacker = encoding === undefined ? undefined : unpackers.get(encoding.trim().toLowerCase());
  if (unpacker === undefined) return body;
  const zlib = await import('node:zlib');
  return new DecodedBody(body, () => unpacker(zlib), maxBytes);
}

class DecodedBody implements ResponseBody {
  readonly #body: ResponseBody;
  readonly #unpacker: () => Transform;
  readonly #maxBytes: number;

  constructor(body: ResponseBody, unpacker: () => Transform, maxBytes: number) {
    this.#body = body;
    this.#unpacker = unpacker;
    this.#maxBytes = maxBytes;
  }

  async text(): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this) {
      size += chunk.byteLength;
      if (size > this.#maxBytes)
        throw new VibeError('invalid_response', `The packed answer has more than ${this.#maxBytes} bytes.`, {
          next: ['Ask for less output, or let the proxy in between hand on answers as they are.'],
        });
      chunks.push(chunk);
    }
    return new TextDecoder().decode(Buffer.concat(chunks));
  }

  /** Leaving the loop closes the connection, as with a body that is not packed. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    // The iterator throws what goes wrong.
    const unpacked = pipeline(Readable.from(this.#body), this.#unpacker(), () => undefined);
    return unpacked[Symbol.asyncIterator]();
  }

  destroy(error?: Error): unknown {
    return this.#body.destroy(error);
  }
}
