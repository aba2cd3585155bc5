import type { IncomingHttpHeaders } from 'node:http';
import type { ReceivedBody } from './http/body.js';
import type { JsonObject } from './json.js';
import type { Settings } from './options.js';
import type { Shelf } from './shelf.js';
import type { Wire } from './wire.js';

/** One request of a client to a simulated provider, read but not answered yet. */
export interface Exchange {
  /** Counts up from 1 over the life of the simulator. */
  readonly id: number;
  readonly wire: Wire;
  /** Name of the endpoint, such as `gemini.stream` or `qwen.chat`. */
  readonly endpoint: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The model the client asks for, null when it names none. */
  readonly model: string | null;
  /** Whether the client asks for a stream. */
  readonly stream: boolean;
  /** The conversation as text, empty where there is none. */
  prompt(): string;
  readonly received: ReceivedBody;
  /** The parsed body; empty when there was none or when it could not be read. */
  readonly body: JsonObject;
  /** A UUID, the same for the same seed and id. */
  readonly requestId: string;
  readonly settings: Settings;
  /** Where the client reaches this simulator, for addresses in answers: `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly shelf: Shelf;
}
