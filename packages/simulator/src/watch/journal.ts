import type { IncomingHttpHeaders } from 'node:http';
import type { ReceivedBody } from '../http/body.js';
import type { Outcome } from '../http/player.js';
import type { JsonObject } from '../json.js';

/** One remembered request. Times are milliseconds since the epoch. */
export interface RecordedRequest {
  readonly id: number;
  readonly atMs: number;
  readonly method: string;
  /** With the query; a key in it is removed. */
  readonly path: string;
  readonly endpoint: string;
  readonly model: string | null;
  /** Names in lower case; secrets are replaced by `redacted`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; null when there was none, when it was no JSON object, or when it was larger than 64 KiB. */
  readonly body: JsonObject | null;
  readonly bodyBytes: number;
  /** Kinds of the faults on the reply. */
  readonly faults: readonly string[];
  /** HTTP status of the reply; null when it had none. */
  readonly status: number | null;
  /** null while it runs. */
  readonly outcome: Outcome | null;
  readonly endedAtMs: number | null;
  /** Events with text or reasoning that were sent. */
  readonly deltas: number;
  /** How much too early it came for a retry hint of its model; 0 when it did not. */
  readonly earlyByMs: number;
}

/** The part of a record that changes while the reply is played. */
export type RunningRequest = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

/** Larger bodies are not kept: a thousand of them would be a memory leak. */
const MAX_KEPT_BODY_BYTES = 64 * 1024;

const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-goog-api-key',
  'x-api-key',
  'api-key',
]);

/** The last requests, oldest first, at most `limit`. */
export class Journal {
  readonly #limit: number;
  #requests: RunningRequest[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(request: RunningRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > this.#limit) this.#requests.shift();
  }

  /** The last `count` requests; all that are kept by default. */
  last(count = this.#limit): RecordedRequest[] {
    return this.#requests.slice(Math.max(0, this.#requests.length - count)).map((request) => ({ ...request }));
  }

  clear(): void {
    this.#requests = [];
  }
}

/** Headers as one text each, without secrets. */
export function publicHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name,
    secretHeaders.has(name) ? 'redacted' : String(value),
  ]);
  return Object.fromEntries(entries);
}

/** A path and its query without the value of `key`. */
export function publicPath(url: string): string {
  return url.replace(/([?&]key=)[^&]*/gi, '$1redacted');
}

/** The body as far as it is kept. */
export function keptBody(received: ReceivedBody): JsonObject | null {
  return received.kind === 'json' && received.bytes <= MAX_KEPT_BODY_BYTES ? received.json : null;
}
