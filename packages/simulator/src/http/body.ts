import type { IncomingMessage } from 'node:http';
import { asObject, type JsonObject } from '../json.js';

/** The largest request body that is kept (facts: DashScope refuses bodies over 64 MiB with 413). */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** A request body: parsed, or why it is none. */
export type ReceivedBody =
  | { readonly kind: 'json'; readonly json: JsonObject; readonly bytes: number }
  | { readonly kind: 'empty'; readonly bytes: 0 }
  | { readonly kind: 'malformed'; readonly bytes: number }
  | { readonly kind: 'too_large'; readonly bytes: number };

/**
 * Reads a body to its end. What is beyond the limit is read and thrown away: a client that is still sending would
 * otherwise meet a closed connection instead of the 413. Rejects when the client leaves in the middle.
 */
export async function receiveBody(request: IncomingMessage): Promise<ReceivedBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > MAX_BODY_BYTES) return { kind: 'too_large', bytes };
  if (bytes === 0) return { kind: 'empty', bytes: 0 };
  const json = parseObject(Buffer.concat(chunks).toString('utf8'));
  return json === null ? { kind: 'malformed', bytes } : { kind: 'json', json, bytes };
}

function parseObject(text: string): JsonObject | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}
