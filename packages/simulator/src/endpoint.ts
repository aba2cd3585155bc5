import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from './exchange.js';
import type { Reply } from './http/reply.js';
import type { JsonObject } from './json.js';
import type { Wire } from './wire.js';

/** One thing a provider can be asked for. */
export interface Endpoint {
  readonly name: string;
  readonly wire: Wire;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Matches the path; its first group is the model, where the path names it. */
  readonly path: RegExp;
  model(pathModel: string | undefined, body: JsonObject): string | null;
  stream(body: JsonObject, headers: IncomingHttpHeaders): boolean;
  prompt(body: JsonObject): string;
  reply(exchange: Exchange): Reply;
}
