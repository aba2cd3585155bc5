import { type ChatCall, type JsonObject, type ProviderEvent, VibeError, type WireRequest } from '@vibe/core';
import { jsonOf } from '../http/error-body.js';
import type { HttpClient, HttpRequest, ResponseHeaders } from '../http/http-client.js';
import { requestJson, requestStream } from '../http/request.js';
import { briefText, type Service, serviceError } from '../http/service-error.js';
import { parseJson } from '../wire/parse-with.js';
import { type ChatChunk, readChatChunk } from './chunk.js';
import type { ChatDialect } from './dialect.js';
import { statusInError } from './errors.js';
import { ChatFold } from './fold.js';
import { type ChatBody, chatBody } from './to-wire.js';

/** Where a chat request goes, and with which headers. */
export interface ChatRoute {
  /** Up to and without the path. */
  readonly baseUrl: string;
  /** Default: `/chat/completions`. */
  readonly path?: string;
  /** Turns the body into the form of another API of the same service. Default: as it is. */
  readonly encode?: (body: JsonObject) => JsonObject;
  readonly headers: Readonly<Record<string, string>>;
}

/** One chat call over the wire: one request, deltas, one `final`. Repeats nothing. */
export async function* runChat(
  client: HttpClient,
  call: ChatCall,
  dialect: ChatDialect,
  route: ChatRoute,
  service: Service,
): AsyncGenerator<ProviderEvent, void, void> {
  const built = routedBody(call, dialect, route);
  const request: HttpRequest = {
    method: 'POST',
    url: chatUrl(route),
    headers: route.headers,
    body: built.body,
    signal: call.signal,
    connectMs: call.timeout.connectMs,
  };
  const answer = built.streams ? streamAnswer : unaryAnswer;
  yield* answer(client, request, service, dialect, built);
}

/** What `runChat` would send. */
export function describeChat(call: ChatCall, dialect: ChatDialect, route: ChatRoute): WireRequest {
  return { method: 'POST', url: chatUrl(route), headers: route.headers, body: routedBody(call, dialect, route).body };
}

function chatUrl(route: ChatRoute): string {
  return `${route.baseUrl}${route.path ?? '/chat/completions'}`;
}

function routedBody(call: ChatCall, dialect: ChatDialect, { encode }: ChatRoute): ChatBody {
  const built = chatBody(call, dialect);
  return encode === undefined ? built : { ...built, body: encode(built.body) };
}

async function* unaryAnswer(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  dialect: ChatDialect,
  { warnings }: ChatBody,
): AsyncGenerator<ProviderEvent, void, void> {
  const { json, headers } = await requestJson(client, request, service);
  const fold = new ChatFold(dialect);
  const chunk = (dialect.readChunk ?? readChatChunk)(json);
  throwErrorIn(chunk, json, { headers, status: null }, service, fold);
  if (chunk.choice === undefined) throw noAnswer(service, JSON.stringify(json));
  yield* fold.accept(chunk);
  yield* fold.end(headers['x-request-id'] ?? null, warnings);
}

async function* streamAnswer(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  dialect: ChatDialect,
  { warnings }: ChatBody,
): AsyncGenerator<ProviderEvent, void, void> {
  const { events, headers } = await requestStream(client, request, service, { lastData: '[DONE]' });
  const fold = new ChatFold(dialect);
  let stray = '';
  let status: number | null = null;
  try {
    for await (const batch of events) {
      for (const event of batch) {
        if (event.type === 'comment') {
          status = dialect.statusInComment?.(event.comment) ?? status;
          continue;
        }
        if (event.type === 'message' && event.data === '[DONE]') continue;
        if (event.type === 'stray') stray = event.text;
        const json = event.type === 'message' ? parseJson(event.data, 'an event of the stream') : jsonOf(event.text);
        if (json === null || json === '') continue;
        const chunk = (dialect.readChunk ?? readChatChunk)(json);
        // usage first: it is metered even when the error beside it ends the stream
        yield* fold.accept(chunk);
        throwErrorIn(chunk, json, { headers, status }, service, fold);
      }
    }
  } catch (error) {
    // after the finish reason only the usage can be missing: the answer itself is complete
    if (!fold.finished || !VibeError.is(error, 'stream_truncated')) throw error;
  }
  if (!fold.finished) throw fold.produced || stray === '' ? truncated(service) : noAnswer(service, stray);
  yield* fold.end(headers['x-request-id'] ?? null, warnings);
}

function throwErrorIn(
  chunk: ChatChunk,
  json: unknown,
  { headers, status }: { readonly headers: ResponseHeaders; readonly status: number | null },
  service: Service,
  fold: ChatFold,
): void {
  if (chunk.error === undefined || chunk.error === null) return;
  const failure = { status: statusInError(chunk.error) ?? status, headers, json, text: JSON.stringify(chunk.error) };
  throw serviceError(service, failure, fold.produced);
}

function truncated(service: Service): VibeError {
  return new VibeError(
    'stream_truncated',
    `${service.name} ended its stream without a finish reason, so the answer was cut.`,
    {
      next: ['Make the call again; what was streamed so far may be billed.'],
    },
  );
}

function noAnswer(service: Service, text: string): VibeError {
  return new VibeError(
    'invalid_response',
    `${service.name} answered with no choices: ${briefText(text, service.secrets)}`,
    {
      details: { path: '$.choices' },
      next: ['Check that baseUrl points to a chat-completions API.'],
    },
  );
}
