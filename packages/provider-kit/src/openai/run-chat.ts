import {
  abortSourceOf,
  type ChatCall,
  type JsonObject,
  type ProviderEvent,
  VibeError,
  type WireRequest,
} from '@vibe/core';
import { jsonOf } from '../http/error-body.js';
import type { HttpClient, HttpRequest, ResponseHeaders } from '../http/http-client.js';
import { requestJson, requestStream } from '../http/request.js';
import { briefText, type Service, serviceError } from '../http/service-error.js';
import { singly } from '../provider/events.js';
import { eventDocuments } from '../sse/event-documents.js';
import type { SseEvent } from '../sse/read-sse.js';
import type { WireObject } from '../wire/read-field.js';
import { type ChatChunk, readChatChunk } from './chunk.js';
import type { ChatDialect } from './dialect.js';
import { statusInError } from './errors.js';
import { ChatFold } from './fold.js';
import { type ChatBody, chatBody } from './to-wire.js';
import { WholeAnswer, type WholeEvents } from './whole-answer.js';
import { WordsTemplate } from './words-template.js';

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
export async function* runChat(...input: Parameters<typeof runChatBatches>): AsyncGenerator<ProviderEvent, void, void> {
  yield* singly(runChatBatches(...input));
}

/** The same; what one network read has brought comes in one array. Throws at once what cannot be sent at all. */
export function runChatBatches(
  client: HttpClient,
  call: ChatCall,
  dialect: ChatDialect,
  route: ChatRoute,
  service: Service,
): AsyncIterable<readonly ProviderEvent[]> {
  const built = routedBody(call, dialect, route);
  const request: HttpRequest = {
    method: 'POST',
    url: chatUrl(route),
    headers: route.headers,
    body: built.body,
    signal: abortSourceOf(call),
    connectMs: call.timeout.connectMs,
  };
  if (built.streams) return streamAnswer(client, request, service, dialect, built);
  return new WholeAnswer(() => unaryAnswer(client, request, service, dialect, built));
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

async function unaryAnswer(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  dialect: ChatDialect,
  { warnings }: ChatBody,
): Promise<WholeEvents> {
  const { json, headers } = await requestJson(client, request, service);
  const fold = new ChatFold(dialect);
  const events: ProviderEvent[] = [];
  let answered = false;
  try {
    // a list: of errors (Google wraps them in one), or of a stream that nobody asked for
    for (const document of Array.isArray(json) && json.length > 0 ? json : [json]) {
      const chunk = (dialect.readChunk ?? readChatChunk)(document);
      events.push(...fold.accept(chunk));
      const error = errorIn(chunk, document, { headers, status: null }, service, fold);
      if (error !== null) throw error;
      answered ||= chunk.choice !== undefined;
    }
    if (!answered) throw noAnswer(service, JSON.stringify(json));
    if (!fold.finished) throw truncated(service);
    events.push(...fold.end(headers['x-request-id'] ?? null, warnings));
    return { events, failure: null };
  } catch (error) {
    // its usage is what it cost; its text is no answer, whether it came in events or in one piece
    return { events: events.filter(({ type }) => type === 'usage'), failure: VibeError.from(error) };
  }
}

async function* streamAnswer(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  dialect: ChatDialect,
  { warnings }: ChatBody,
): AsyncGenerator<readonly ProviderEvent[], void, void> {
  const { events, headers } = await requestStream(client, request, service, { lastData: '[DONE]' });
  const reader = new StreamReader(dialect, service, headers);
  const { fold } = reader;
  try {
    for await (const batch of events) {
      const ready: ProviderEvent[] = [];
      try {
        for (const event of batch) reader.read(event, ready);
      } catch (error) {
        // What came before the failure has been seen.
        if (ready.length > 0) yield ready;
        throw error;
      }
      if (ready.length > 0) yield ready;
    }
  } catch (error) {
    // after the finish reason only the usage can be missing: the answer itself is complete
    if (!fold.finished || !VibeError.is(error, 'stream_truncated')) throw error;
  }
  if (!fold.finished) throw fold.produced || reader.stray === '' ? truncated(service) : noAnswer(service, reader.stray);
  yield fold.end(headers['x-request-id'] ?? null, warnings);
}

/** Reads the events of one stream into a fold. */
class StreamReader {
  readonly fold: ChatFold;
  /** Lines that were no event; Gemini ends a failed stream with bare JSON. */
  stray = '';
  readonly #dialect: ChatDialect;
  readonly #service: Service;
  readonly #headers: ResponseHeaders;
  /** Null: the dialect reads events in its own way. */
  readonly #template: WordsTemplate | null;
  #status: number | null = null;

  constructor(dialect: ChatDialect, service: Service, headers: ResponseHeaders) {
    this.fold = new ChatFold(dialect);
    this.#dialect = dialect;
    this.#service = service;
    this.#headers = headers;
    this.#template = dialect.readChunk === undefined ? new WordsTemplate() : null;
  }

  /** Appends what the event says to `ready`. Throws the error it carries. */
  read(event: SseEvent, ready: ProviderEvent[]): void {
    if (event.type === 'comment') {
      this.#status = this.#dialect.statusInComment?.(event.comment) ?? this.#status;
      return;
    }
    if (event.type === 'stray') this.stray = event.text;
    const plain = event.type === 'message' && event.event === null ? event.data : null;
    const words = plain === null ? null : (this.#template?.wordsIn(plain) ?? null);
    if (words !== null && this.#template !== null) {
      this.fold.addText(this.#template.type, words, ready);
      return;
    }
    const documents = documentsOf(event);
    for (const json of documents) {
      if (json === null || json === '') continue;
      const chunk = (this.#dialect.readChunk ?? readChatChunk)(json);
      this.#template?.learn(documents.length === 1 ? plain : null, chunk);
      // usage first: it is metered even when the error beside it ends the stream
      for (const found of this.fold.accept(chunk)) ready.push(found);
      const isError = event.type === 'message' && event.event === 'error';
      const said = isError && chunk.choice === undefined ? { ...chunk, error: chunk.error ?? json } : chunk;
      const error = errorIn(said, json, { headers: this.#headers, status: this.#status }, this.#service, this.fold);
      if (error !== null) throw error;
    }
  }
}

/** An event that calls itself an error may have words instead of JSON. */
function documentsOf(event: Exclude<SseEvent, { type: 'comment' }>): readonly unknown[] {
  if (event.type === 'stray') return [jsonOf(event.text)];
  return event.event === 'error' && jsonOf(event.data) === null ? [{ error: event.data }] : eventDocuments(event.data);
}

/** The error that an answer or an event carries; null when there is none. */
function errorIn(
  { error }: ChatChunk,
  json: unknown,
  { headers, status }: { readonly headers: ResponseHeaders; readonly status: number | null },
  service: Service,
  fold: ChatFold,
): VibeError | null {
  if (error === undefined || error === null) return null;
  // wherever it stood: who classifies looks for it at the top
  const told = error === json ? json : { ...(json as WireObject), error };
  const failure = { status: statusInError(error) ?? status, headers, json: told, text: JSON.stringify(error) };
  return serviceError(service, failure, fold.produced);
}

function truncated(service: Service): VibeError {
  return new VibeError('stream_truncated', `${service.name} ended its answer without a finish reason, so it was cut.`, {
    next: ['Make the call again; what was streamed so far may be billed.'],
  });
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
