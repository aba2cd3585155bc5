import { type AbortSource, VibeError } from '@vibe/core';
import type { Dispatcher } from 'undici';
import { abortError, beforeSending } from './abort.js';
import { decodedBody } from './decoded-body.js';
import { networkError } from './network-error.js';
import type { OriginPool, PoolOptions } from './origin-pool.js';
import { serializeJson } from './request-body.js';

/** One HTTP request with a JSON body. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON with its length. Left out: no body. */
  readonly body?: unknown;
  /** Sent as they are, instead of `body`; their content type is for the headers to say. */
  readonly bytes?: Uint8Array;
  /** Closes the connection at once when aborted. */
  readonly signal: AbortSource;
  /** How long a new connection may take. */
  readonly connectMs: number;
}

/** Header names are lower case; repeated headers are joined with commas. */
export type ResponseHeaders = Readonly<Record<string, string>>;

/** The body of an answer. It must be read to its end or destroyed. */
export interface ResponseBody extends AsyncIterable<Uint8Array> {
  text(): Promise<string>;
  destroy(error?: Error): unknown;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: ResponseBody;
}

/** Sends requests over kept-alive connections of its own; shares nothing with other clients or with global fetch. */
export interface HttpClient {
  /** Any status is an answer. `service` is who is asked, for messages. Throws VibeErrors of the network. */
  send(request: HttpRequest, service: string): Promise<HttpResponse>;
  /** Loads what a first request needs, which takes its time. Opens no connection. */
  prepare(): void;
  /** Closes every connection. The client can not be used afterwards. */
  close(): Promise<void>;
}

/** Origins with open connections at most; beyond it the one that was not used for longest is closed. */
const MAX_ORIGINS = 64;
/** Addresses that are remembered in their parts; more than a provider calls again and again. */
const MAX_ADDRESSES = 256;

/** An address in the parts that a request needs. */
interface Address {
  readonly origin: string;
  readonly path: string;
}

type Transport = typeof import('./origin-pool.js');

/** undici takes longer to load than everything else together: a program that only looks at its ledger is spared it. */
let loaded: Transport | null = null;

export function createHttpClient(options: PoolOptions = {}): HttpClient {
  const pools = new Map<string, OriginPool>();
  const addresses = new Map<string, Address>();
  let latest: { readonly origin: string; readonly pool: OriginPool } | null = null;
  let closed = false;

  function addressOf(url: string, service: string): Address {
    let address = addresses.get(url);
    if (address === undefined) {
      address = parseUrl(url, service);
      if (addresses.size >= MAX_ADDRESSES) addresses.clear();
      addresses.set(url, address);
    }
    return address;
  }

  function poolFor(origin: string, Pool: typeof OriginPool): OriginPool {
    if (latest === null || latest.origin !== origin) latest = { origin, pool: touchedPool(origin, Pool) };
    return latest.pool;
  }

  function touchedPool(origin: string, Pool: typeof OriginPool): OriginPool {
    const known = pools.get(origin);
    const pool = known ?? new Pool(origin, options);
    pools.delete(origin); // and set again: a Map keeps the order of insertion, here that of use
    pools.set(origin, pool);
    if (known === undefined && pools.size > MAX_ORIGINS) closeOldest();
    return pool;
  }

  function closeOldest(): void {
    const [origin, pool] = pools.entries().next().value ?? [];
    if (origin === undefined || pool === undefined) return;
    pools.delete(origin);
    void pool.close();
  }

  return {
    async send(request, service) {
      loaded ??= await transport(service);
      if (request.signal.aborted) throw beforeSending(abortError(request.signal));
      if (closed) throw new VibeError('invalid_request', `${service} was closed with its client. Create a new client.`);
      const { origin, path } = addressOf(request.url, service);
      const pool = poolFor(origin, loaded.OriginPool);
      try {
        const { status, headers, body } = await pool.request(
          wireOptions(request, path),
          request.connectMs,
          request.signal,
        );
        const flat = flatHeaders(headers);
        const encoding = flat['content-encoding'];
        return { status, headers: flat, body: encoding === undefined ? body : await decodedBody(body, encoding) };
      } catch (error) {
        if (request.signal.aborted) throw VibeError.is(error) ? error : abortError(request.signal);
        throw networkError(error, pool.isConnectError(error) ? 'connect' : 'answer', service, request.url);
      }
    },
    prepare() {
      // What keeps it from loading is told by the first request.
      import('./origin-pool.js').catch(() => undefined);
    },
    async close() {
      closed = true;
      latest = null;
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.close()));
    },
  };
}

/** What cannot be loaded has sent nothing: without an error of its own the call would count as perhaps billed. */
async function transport(service: string): Promise<Transport> {
  try {
    return await import('./origin-pool.js');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VibeError('config', `undici cannot be loaded, so nothing was sent to ${service}: ${reason}`, {
      cause,
      next: ['In a bundled program keep the package undici external; otherwise install the packages again.'],
    });
  }
}

function parseUrl(text: string, service: string): Address {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol))
    return { origin: url.origin, path: `${url.pathname}${url.search}` };
  throw new VibeError('config', `${service} has a baseUrl that is no http or https address.`, {
    next: ['Give baseUrl in full, such as https://host/path.'],
  });
}

function wireOptions(request: HttpRequest, path: string): Dispatcher.DispatchOptions {
  const hasBody = request.body !== undefined && request.bytes === undefined;
  return {
    method: request.method,
    path,
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity', // compression would hold back the events of a stream
      'user-agent': 'vibe',
      ...(hasBody && { 'content-type': 'application/json' }),
      ...request.headers,
    },
    body: request.bytes ?? (hasBody ? serializeJson(request.body) : null),
  };
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): ResponseHeaders {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
