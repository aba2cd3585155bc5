import {
  abortSourceOf,
  type Endpoint,
  type Json,
  type ModelManifest,
  type PluginHost,
  type Provider,
  type ProviderCall,
  type ProviderEvent,
  VibeError,
  type Warning,
} from '@vibe/core';
import { createHttpClient, type HttpClient, type HttpRequest, type ResponseHeaders } from '../http/http-client.js';
import type { PoolOptions } from '../http/origin-pool.js';
import { requestJson, requestStream } from '../http/request.js';
import type { Classification, Service, ServiceFailure } from '../http/service-error.js';
import { eventDocuments } from '../sse/event-documents.js';
import type { SseEvent } from '../sse/read-sse.js';
import { parseJson } from '../wire/parse-with.js';
import { asWireObject, type WireObject } from '../wire/read-field.js';
import { REDACTED } from './api-key.js';
import { type HttpEndpoint, type OpenEndpoint, openEndpoint, serviceAt } from './open-endpoint.js';
import { ping } from './ping.js';
import { unsupportedOperation } from './provider-error.js';
import { unheeded } from './unheeded.js';

/** A service with a wire of its own. */
export interface HttpService extends PoolOptions {
  readonly id: string;
  readonly profile?: string;
  readonly endpoints: readonly HttpEndpoint[];
  readonly models: readonly ModelManifest[];
  /** How to ask for each operation that a model has, and how to read the answer. */
  readonly operations: { readonly [Name in OperationName]?: HttpOperation<CallOf<Name>> };
  /** What a failure means: retry, failover, breaker and bill depend on the code. */
  classify(failure: ServiceFailure): Classification;
  /** How the key is sent. Default: `authorization: Bearer KEY`. */
  authorize?(key: string): Readonly<Record<string, string>>;
  /** Behind the base URL: what a GET reads for nothing. Without it the provider cannot be pinged. */
  readonly pingPath?: string;
  /** What `create` was given, so that keys are also found where the program keeps them (a keys file). */
  readonly host?: PluginHost;
}

type OperationName = 'chat' | 'transcribe' | 'speak' | 'paint';
type CallOf<Name extends OperationName> = Extract<ProviderCall, { operation: Name }>;

export interface HttpOperation<Call> {
  /**
   * What is sent. Pure, so that a dry run shows exactly what a call sends. Throws `invalid_request` for what it cannot say.
   * A wish that makes no difference to it (`temperature`, `seed`, `voice` …) becomes a warning of the answer by itself.
   */
  request(call: Call): OperationWire;
  /**
   * The events of an answer: deltas, then exactly one `final`. Documents are the events of a stream, or the one body. An
   * answer that ends without its `final` is thrown as `stream_truncated`.
   */
  answer(documents: AsyncIterable<WireObject>, call: Call): AsyncIterable<ProviderEvent>;
}

/** A request as far as an operation decides about it. */
export interface OperationWire {
  /** Behind the base URL: `/v1/answer`. */
  readonly path: string;
  readonly body: Json;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default true: the answer is server-sent events. False: one JSON body. */
  readonly streams?: boolean;
}

/** A provider for a service over HTTP: keys, connections, errors, dry runs and pings are done here. */
export function httpProvider(service: HttpService): Provider {
  const { id, profile, connections, pingPath } = service;
  const client = createHttpClient(connections === undefined ? {} : { connections });
  const places = new Map(service.endpoints.map((each) => [each.id, openEndpoint(each, service.host)]));
  const find = ({ id: wanted }: Endpoint): OpenEndpoint => {
    const place = places.get(wanted);
    if (place !== undefined) return place;
    throw new VibeError('config', `${id} has no endpoint ${wanted}.`, { next: [`Use one of ${[...places.keys()]}.`] });
  };
  const classify = (failure: ServiceFailure) => service.classify(failure);
  const headersFor = ({ key, headers }: OpenEndpoint, secret = '') => ({
    ...(key !== null && (service.authorize?.(secret) ?? { authorization: `Bearer ${secret}` })),
    ...headers,
  });
  const wireOf = (call: ProviderCall, place: OpenEndpoint, secret?: string) => {
    const { path, body, headers, streams = true } = operationOf(service, call).request(call);
    const sent = { ...headersFor(place, secret), ...headers };
    return { streams, wire: { method: 'POST' as const, url: `${place.endpoint.baseUrl}${path}`, headers: sent, body } };
  };
  return {
    kind: 'provider',
    id,
    ...(profile !== undefined && { profile }),
    endpoints: [...places.values()].map(({ endpoint }) => endpoint),
    models: service.models,
    async *stream(call) {
      const place = find(call.endpoint);
      const from = serviceAt(id, place, classify);
      const { wire, streams } = wireOf(call, place, from.secrets[0]);
      const request = { signal: abortSourceOf(call), connectMs: call.timeout.connectMs, ...wire };
      const { headers, documents } = await (streams ? streamed : whole)(client, request, from);
      const warnings = unheeded(call, (each) => operationOf(service, each).request(each));
      yield* untilFinal(operationOf(service, call).answer(documents, call), headers, from, warnings);
    },
    describe: (call) => wireOf(call, find(call.endpoint), REDACTED).wire,
    ...(pingPath !== undefined && {
      ping: (endpoint, signal) =>
        ping(client, signal, () => {
          const place = find(endpoint);
          const from = serviceAt(id, place, classify);
          const headers = headersFor(place, from.secrets[0]);
          return { url: `${place.endpoint.baseUrl}${pingPath}`, headers, service: from };
        }),
    }),
    prepare: () => client.prepare(),
    close: () => client.close(),
  };
}

/** Which operation a call has is known only when it is there: the pair of both is right by the name they share. */
function operationOf(service: HttpService, call: ProviderCall): HttpOperation<ProviderCall> {
  const { operations } = service;
  const found = Object.hasOwn(operations, call.operation) ? operations[call.operation as OperationName] : undefined;
  if (found === undefined) throw unsupportedOperation(service.id, call);
  return found as HttpOperation<ProviderCall>;
}

interface Documents {
  readonly headers: ResponseHeaders;
  readonly documents: AsyncIterable<WireObject>;
}

async function streamed(client: HttpClient, request: HttpRequest, service: Service): Promise<Documents> {
  const { headers, events } = await requestStream(client, request, service);
  return { headers, documents: objectsIn(events) };
}

async function whole(client: HttpClient, request: HttpRequest, service: Service): Promise<Documents> {
  const { headers, json } = await requestJson(client, request, service);
  const body = asWireObject(json, '$');
  return {
    headers,
    documents: (async function* () {
      yield body;
    })(),
  };
}

async function* objectsIn(batches: AsyncIterable<readonly SseEvent[]>): AsyncGenerator<WireObject, void, void> {
  for await (const batch of batches) {
    for (const event of batch) {
      if (event.type === 'comment') continue;
      const found = event.type === 'message' ? eventDocuments(event.data) : [parseJson(event.text, 'the stream')];
      for (const json of found) yield asWireObject(json, '$');
    }
  }
}

/** Those of the provider, and ours about what it said nothing about. */
function withWarnings(own: readonly Warning[], ours: readonly Warning[]): { warnings?: readonly Warning[] } {
  const said = new Set(own.map(({ details }) => details?.['parameter']));
  const all = [...own, ...ours.filter(({ details }) => !said.has(details?.['parameter']))];
  return all.length === 0 ? {} : { warnings: all };
}

/** Nothing comes behind a `final`, and without one the answer was cut. */
async function* untilFinal(
  events: AsyncIterable<ProviderEvent>,
  headers: ResponseHeaders,
  service: Service,
  warnings: readonly Warning[],
): AsyncGenerator<ProviderEvent, void, void> {
  for await (const event of events) {
    if (event.type !== 'final') {
      yield event;
      continue;
    }
    const { result } = event;
    const requestId = result.requestId ?? headers['x-request-id'] ?? null;
    yield { ...event, result: { ...result, requestId, ...withWarnings(result.warnings ?? [], warnings) } };
    return;
  }
  throw new VibeError('stream_truncated', `${service.name} stopped before the end of its answer.`, {
    next: ['Make the call again; what was streamed so far may be billed.'],
  });
}
