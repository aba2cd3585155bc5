import type { ResponseBody } from './http-client.js';

/** How much of an error body is read; the rest is not worth a download, so the connection is closed. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** What a provider said about a failure. */
export interface ErrorBody {
  /** The JSON in it; the first entry of an array. Null when there is none. */
  readonly json: unknown;
  readonly text: string;
}

/**
 * Reads an error body of any form: JSON, a JSON array, JSON framed as an event (`data: {…}`), HTML, nothing, or too much.
 * Never throws.
 */
export async function readErrorBody(body: ResponseBody): Promise<ErrorBody> {
  const decoder = new TextDecoder();
  let text = '';
  let left = MAX_ERROR_BODY_BYTES;
  try {
    for await (const bytes of body) {
      text += decoder.decode(bytes.subarray(0, left), { stream: true });
      left -= bytes.length;
      if (left <= 0) break; // leaving the loop destroys the body
    }
  } catch {
    // a connection lost while the error is read: what arrived says more than the loss
  }
  return { json: jsonOf(text), text };
}

/** The JSON document in `text`, also when it is framed as an event or wrapped in an array; null when there is none. */
export function jsonOf(text: string): unknown {
  const json = parse(text) ?? parse(dataLines(text));
  return Array.isArray(json) ? (json[0] ?? null) : json;
}

/** JSON of the first block of `data:` lines. DashScope refuses a streaming request with a 400 in this form. */
function dataLines(text: string): string {
  const block = text.split(/\r?\n\r?\n/).find((lines) => /^data:/m.test(lines)) ?? '';
  const data = block.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return data.map((line) => line.slice('data:'.length)).join('\n');
}

function parse(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
