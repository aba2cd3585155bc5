import {
  abortSourceOf,
  type Endpoint,
  type JsonObject,
  type ProviderCall,
  VibeError,
  type Warning,
  type WireRequest,
} from '@vibe/core';
import {
  asWireObject,
  briefText,
  eventDocuments,
  type HttpClient,
  type HttpRequest,
  jsonOf,
  REDACTED,
  requestJson,
  requestStream,
  type Service,
  serviceError,
  type WireObject,
} from '@vibe/provider-kit';
import { statusInError } from '@vibe/provider-kit/openai';
import type { QwenEndpoint } from './endpoints.js';
import { classifyFor } from './errors.js';
import { statusInComment } from './native-chunk.js';

/** A request to the native API before it has a key. Pure: the same for a real call and for `describe`. */
export interface Prepared {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly warnings: readonly Warning[];
}

/** Facts: `oss://` addresses of uploaded files need this header. */
export const ossHeader = { 'x-dashscope-ossresourceresolve': 'enable' } as const;
export const sseHeader = { 'x-dashscope-sse': 'enable' } as const;

/** Where the native API of an endpoint is. Throws `config` when nobody said. */
export function nativeBase({ endpoint, nativeBaseUrl }: QwenEndpoint): string {
  if (nativeBaseUrl !== undefined) return nativeBaseUrl;
  throw new VibeError('config', `qwen@${endpoint.id} has no address of the native API, which this call needs.`, {
    next: ['Give nativeBaseUrl beside baseUrl: it ends in /api/v1.'],
  });
}

/** Who is asked, with the key: it must not appear in any message. Throws `auth` when there is none. */
export function serviceOf({ endpoint, key }: QwenEndpoint): { readonly service: Service; readonly secret: string } {
  const name = `qwen@${endpoint.id}`;
  const secret = key.read(name);
  return { service: { name, secrets: [secret], classify: classifyFor(endpoint) }, secret };
}

export function nativeRequest(
  call: ProviderCall,
  place: QwenEndpoint,
  prepared: Prepared,
  secret: string,
): HttpRequest {
  return {
    method: 'POST',
    url: `${nativeBase(place)}${prepared.path}`,
    headers: { authorization: `Bearer ${secret}`, ...prepared.headers },
    body: prepared.body,
    signal: abortSourceOf(call),
    connectMs: call.timeout.connectMs,
  };
}

export function describeNative(place: QwenEndpoint, prepared: Prepared): WireRequest {
  return {
    method: 'POST',
    url: `${nativeBase(place)}${prepared.path}`,
    headers: { authorization: `Bearer ${REDACTED}`, ...prepared.headers },
    body: prepared.body,
  };
}

/** What a service answered: the whole body, and the request id. */
export interface NativeAnswer {
  readonly body: WireObject;
  readonly requestId: string | null;
}

/** One request, one answer. Facts: an answer of 200 with a code and no output is a failure. */
export async function askOnce(client: HttpClient, request: HttpRequest, service: Service): Promise<NativeAnswer> {
  const { json, headers } = await requestJson(client, request, service);
  const body = asWireObject(json, '$');
  if (isFailure(body)) {
    throw serviceError(service, { status: statusInError(body), headers, json, text: JSON.stringify(body) });
  }
  return { body, requestId: requestIdOf(body) ?? headers['x-request-id'] ?? null };
}

/** One request, an answer in events. A failure inside of it is thrown with the status that its comment names. */
export async function* askStream(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
): AsyncGenerator<NativeAnswer, void, void> {
  const { events, headers } = await requestStream(client, request, service);
  let status: number | null = null;
  let produced = false;
  for await (const batch of events) {
    for (const event of batch) {
      if (event.type === 'comment') {
        status = statusInComment(event.comment) ?? status;
        continue;
      }
      const documents = event.type === 'message' ? eventDocuments(event.data) : [jsonOf(event.text)];
      for (const json of documents) {
        if (json === null) throw unreadable(service, event.type === 'stray' ? event.text : '');
        const body = asWireObject(json, '$');
        if (isFailure(body)) {
          throw serviceError(
            service,
            { status: statusInError(body) ?? status, headers, json, text: JSON.stringify(body) },
            produced,
          );
        }
        produced ||= isBilled(body);
        yield { body, requestId: requestIdOf(body) ?? headers['x-request-id'] ?? null };
      }
    }
  }
}

/** An output may be there and empty. */
function isFailure(body: WireObject): boolean {
  const { code, output } = body;
  const isEmpty = typeof output !== 'object' || output === null || Object.keys(output).length === 0;
  return isEmpty && typeof code === 'string' && code !== '';
}

/** Facts: every event that is billed has the usage so far; a sign of life has none, and an error behind it costs nothing. */
function isBilled({ usage }: WireObject): boolean {
  return typeof usage === 'object' && usage !== null && Object.keys(usage).length > 0;
}

function requestIdOf({ request_id }: WireObject): string | null {
  return typeof request_id === 'string' && request_id !== '' ? request_id : null;
}

function unreadable(service: Service, text: string): VibeError {
  return new VibeError(
    'invalid_response',
    `${service.name} answered with no events: ${briefText(text, service.secrets)}`,
    {
      details: { path: '$' },
      next: ['Check that nativeBaseUrl points to the native API.'],
    },
  );
}

/** A stream that ended without a finish reason. */
export function truncated(service: Service): VibeError {
  return new VibeError(
    'stream_truncated',
    `${service.name} ended its stream without a finish reason, so the answer was cut.`,
    { next: ['Make the call again; what was streamed so far may be billed.'] },
  );
}

/** For an answer that lacks what it was made for. */
export function missing(endpoint: Endpoint, path: string, what: string): VibeError {
  return new VibeError('invalid_response', `qwen@${endpoint.id} answered without ${what} (${path}).`, {
    details: { path },
    next: ['Make the call again, or look for a newer version of the provider package.'],
  });
}
