import {
  type ChatCall,
  type Endpoint,
  type ModelManifest,
  type PluginHost,
  type Provider,
  type ProviderCall,
  type ProviderEvent,
  type Reasoning,
  VibeError,
} from '@vibe/core';
import { createHttpClient } from '../http/http-client.js';
import { REDACTED } from '../provider/api-key.js';
import { singly } from '../provider/events.js';
import { type HttpEndpoint, type OpenEndpoint, openEndpoint, serviceAt } from '../provider/open-endpoint.js';
import { ping } from '../provider/ping.js';
import { unsupportedOperation, unsupportedPart } from '../provider/provider-error.js';
import { unsupported } from '../provider/warnings.js';
import type { ChatDialect, ChatDraft } from './dialect.js';
import { classifyChatFailure } from './errors.js';
import { type ChatRoute, describeChat, runChatBatches } from './run-chat.js';
import { tieredBound } from './service-tier.js';

/** One place that serves the models; its `baseUrl` goes up to and without `/chat/completions`. */
export type CompatibleEndpoint = HttpEndpoint;

/** A service that speaks OpenAI's chat completions. Only `id`, `endpoints` and `models` are needed. */
export interface CompatibleService extends Partial<Omit<ChatDialect, 'provider'>> {
  readonly id: string;
  readonly profile?: string;
  readonly endpoints: readonly CompatibleEndpoint[];
  readonly models: readonly ModelManifest[];
  /** Connections to one endpoint at most. Default 1024. */
  readonly connections?: number;
  /** What `create` was given, so that keys are also found where the program keeps them (a keys file). */
  readonly host?: PluginHost;
}

/** A provider for any service that speaks chat completions: text, tools, JSON, images, audio input, reasoning. */
export function openAiCompatible(service: CompatibleService): Provider {
  for (const field of ['endpoints', 'models'] as const)
    if (!Array.isArray(service[field])) throw noList(service.id, field);
  const dialect: ChatDialect = { ...plainDialect(service.id), ...service };
  const client = createHttpClient(service.connections === undefined ? {} : { connections: service.connections });
  const endpoints = new Map(service.endpoints.map((endpoint) => [endpoint.id, openEndpoint(endpoint, service.host)]));
  const find = (endpoint: Endpoint): OpenEndpoint => endpoints.get(endpoint.id) ?? { endpoint, key: null, headers: {} };

  function batches(call: ProviderCall): AsyncIterable<readonly ProviderEvent[]> {
    const target = find(call.endpoint);
    const from = serviceAt(service.id, target, dialect.classify);
    return runChatBatches(client, chatCall(service.id, call), dialect, routeOf(target, from.secrets[0]), from);
  }

  return {
    kind: 'provider',
    id: service.id,
    ...(service.profile !== undefined && { profile: service.profile }),
    endpoints: [...endpoints.values()].map(({ endpoint }) => endpoint),
    models: service.models,
    // What keeps a call from being sent is told to whoever reads, as every other failure.
    async *stream(call) {
      yield* singly(batches(call));
    },
    streamBatches: batches,
    estimate: (request, _model, generic) => tieredBound(request, service.id, generic),
    describe(call) {
      const target = find(call.endpoint);
      return describeChat(
        chatCall(service.id, call),
        dialect,
        routeOf(target, target.key === null ? undefined : REDACTED),
      );
    },
    ping(endpoint, signal) {
      return ping(client, signal, () => {
        const target = find(endpoint);
        const from = serviceAt(service.id, target, dialect.classify);
        const { baseUrl, headers } = routeOf(target, from.secrets[0]);
        return { url: `${baseUrl}/models`, headers, service: from };
      });
    },
    prepare: () => client.prepare(),
    close: () => client.close(),
  };
}

function routeOf({ endpoint, headers }: OpenEndpoint, key: string | undefined): ChatRoute {
  return {
    baseUrl: endpoint.baseUrl,
    headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
  };
}

function chatCall(id: string, call: ProviderCall): ChatCall {
  if (call.operation === 'chat') return call;
  throw unsupportedOperation(id, call);
}

/** What a service does when nothing else is known about it: what OpenAI documents. */
function plainDialect(provider: string): ChatDialect {
  return {
    provider,
    maxTokensField: () => 'max_tokens',
    mustStream: () => false,
    audioInput: 'base64',
    audioOutput: 'audio/wav',
    structured: ({ model }) => (model.structured ? 'json_schema' : 'prompt'),
    filePart: (part) => {
      if (part.mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url: part.uri } };
      if (part.mediaType.startsWith('audio/'))
        throw unsupportedPart(provider, 'a reference to audio', 'Pass the bytes.');
      return { type: 'file', file: { file_id: part.uri } };
    },
    adapt: addReasoningEffort,
    classify: classifyChatFailure,
    requestId: (id) => id,
  };
}

function addReasoningEffort({ body, warnings }: ChatDraft, { request, model }: ChatCall): void {
  const { reasoning } = request;
  if (reasoning === undefined || (reasoning === 'off' && !model.reasoning)) return;
  const left = model.reasoning ? unsendable(reasoning) : `${model.id} does not think; the parameter was left out.`;
  if (left === null) body['reasoning_effort'] = reasoning as string;
  else warnings.push(unsupported('reasoning', left));
}

/** Why a wish has no field in chat completions; null when it has. */
function unsendable(reasoning: Reasoning): string | null {
  if (typeof reasoning === 'object') return 'chat completions know efforts but no budgets; the parameter was left out.';
  if (reasoning !== 'off') return null;
  return 'how thinking is switched off differs between services; left out, use providerOptions for the field of this one.';
}

function noList(id: string, field: string): VibeError {
  return new VibeError('config', `openAiCompatible ${id}: ${field} must be a list.`, {
    next: [`Add ${field} to what openAiCompatible is given: { id, endpoints: [{ id, baseUrl }], models: [...] }.`],
  });
}
