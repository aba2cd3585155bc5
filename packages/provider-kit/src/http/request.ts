import { VibeError } from '@vibe/core';
import { documentsOfStream } from '../sse/event-documents.js';
import { readSse, type SseEvent } from '../sse/read-sse.js';
import { abortError } from './abort.js';
import { readErrorBody } from './error-body.js';
import type { HttpClient, HttpRequest, HttpResponse, ResponseHeaders } from './http-client.js';
import { networkError } from './network-error.js';
import { briefText, type Service, serviceError } from './service-error.js';

export interface JsonAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly json: unknown;
}

export interface StreamAnswer {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** The events of each network read. Leaving the loop early closes the connection. */
  readonly events: AsyncGenerator<readonly SseEvent[], void, void>;
}

export interface StreamOptions {
  /** Data of the event after which nothing comes, such as `[DONE]`. */
  readonly lastData?: string;
}

/** One request of which only the headers of the answer matter. A status other than 2xx is thrown as the service reads it. */
export async function requestHeaders(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
): Promise<ResponseHeaders> {
  const response = await accepted(client, request, service);
  await bodyText(response, request, service);
  return response.headers;
}

/**
 * One request, one JSON answer. A status other than 2xx is thrown as the service reads it. Of a service that streams its
 * answer though nobody asked for that, `json` is the list of what its events say: it has been paid for.
 */
export async function requestJson(client: HttpClient, request: HttpRequest, service: Service): Promise<JsonAnswer> {
  const response = await accepted(client, request, service);
  const text = await bodyText(response, request, service);
  try {
    return { status: response.status, headers: response.headers, json: JSON.parse(text) };
  } catch (error) {
    const documents = documentsOfStream(text);
    if (documents !== null) return { status: response.status, headers: response.headers, json: documents };
    throw isCut(text) ? cutAnswer(response, service, text) : unreadable(response, service, text, error);
  }
}

/** What begins like JSON and is none was cut; a page or a plain text begins otherwise. */
function isCut(text: string): boolean {
  return /^\s*($|[{[])/.test(text);
}

/** An answer that ended before it was complete; one in events would end the same way. */
function cutAnswer({ status, headers }: HttpResponse, service: Service, text: string): VibeError {
  const what = text === '' ? 'an empty body' : `JSON that ends after ${text.length} characters, so it was cut`;
  return new VibeError('stream_truncated', `${service.name} answered HTTP ${status} with ${what}.`, {
    requestId: headers['x-request-id'],
    next: ['Make the call again. If it stays so, check that baseUrl points to the API.'],
  });
}

function unreadable({ status, headers }: HttpResponse, service: Service, text: string, error: unknown): VibeError {
  const words = briefText(text.slice(0, 4096), service.secrets);
  return new VibeError('invalid_response', `${service.name} answered HTTP ${status} with no JSON: ${words}`, {
    requestId: headers['x-request-id'],
    cause: error instanceof Error ? error.name : error, // its message would quote the answer
    next: ['Check that baseUrl points to the API and not to a web page.'],
  });
}

/** One request, a stream of events. A status other than 2xx is thrown as the service reads it, before the first event. */
export async function requestStream(
  client: HttpClient,
  request: HttpRequest,
  service: Service,
  options: StreamOptions = {},
): Promise<StreamAnswer> {
  const streaming = { ...request, headers: { accept: 'text/event-stream', ...request.headers } };
  const response = await accepted(client, streaming, service);
  return {
    status: response.status,
    headers: response.headers,
    events: readEvents(response, request, service, options),
  };
}

async function accepted(client: HttpClient, request: HttpRequest, service: Service): Promise<HttpResponse> {
  const response = await client.send(request, service.name);
  if (response.status >= 200 && response.status < 300) return response;
  const body = await readErrorBody(response.body);
  if (request.signal.aborted) throw abortError(request.signal);
  if (response.status < 400) throw redirectError(response, service);
  throw serviceError(service, { status: response.status, headers: response.headers, ...body });
}

/** A redirect is not followed: it would send the key to a place that nobody configured. */
function redirectError(response: HttpResponse, service: Service): VibeError {
  const place = briefText(response.headers['location'] ?? 'nowhere', service.secrets);
  return new VibeError(
    'provider_rejected',
    `${service.name} answered with a redirect (HTTP ${response.status}) to ${place}`,
    {
      status: response.status,
      next: ['Redirects are not followed, so that the key goes nowhere else. Set baseUrl to the final address.'],
    },
  );
}

async function bodyText(response: HttpResponse, request: HttpRequest, service: Service): Promise<string> {
  try {
    return await response.body.text();
  } catch (error) {
    throw bodyError(error, request, service);
  }
}

async function* readEvents(
  response: HttpResponse,
  request: HttpRequest,
  service: Service,
  options: StreamOptions,
): AsyncGenerator<readonly SseEvent[], void, void> {
  try {
    yield* readSse(response.body, options.lastData);
  } catch (error) {
    throw bodyError(error, request, service);
  }
}

function bodyError(error: unknown, request: HttpRequest, service: Service): VibeError {
  if (request.signal.aborted) return abortError(request.signal);
  if (VibeError.is(error)) return error;
  return networkError(error, 'body', service.name, request.url);
}
