import {
  definePlugin,
  type Endpoint,
  type PluginHost,
  type Provider,
  type ProviderCall,
  type ProviderEvent,
  VibeError,
  type WireRequest,
} from '@vibe/core';
import { createHttpClient, type HttpClient, ping, singly, unsupportedOperation, withModels } from '@vibe/provider-kit';
import { describeQwenChat, streamChat } from './chat.js';
import { countTokens } from './count-tokens.js';
import { type QwenEndpoint, qwenEndpoints } from './endpoints.js';
import { classifyFor } from './errors.js';
import { estimateUsage } from './estimate.js';
import { qwenModels } from './models.js';
import { type QwenSettings, qwenOptions } from './options.js';
import { describePainting, paint } from './paint.js';
import { describeSpeech, speak } from './speak.js';
import { describeTranscription, transcribe } from './transcribe.js';

/** Qwen on Alibaba Cloud Model Studio (DashScope) as a provider. `DASHSCOPE_API_KEY` is the key of the option `region`. */
export const qwen = definePlugin({
  name: '@vibe/provider-qwen',
  specVersion: 'v1',
  options: qwenOptions,
  create: createProvider,
});

function createProvider(options: QwenSettings, host: PluginHost): Provider {
  const served = qwenEndpoints(options, host);
  const byId = new Map(served.map((each) => [each.endpoint.id, each]));
  const endpoints = served.map(({ endpoint }) => endpoint);
  const client = createHttpClient();
  return {
    kind: 'provider',
    tokenFamily: 'qwen',
    id: 'qwen',
    ...(options.profile !== undefined && { profile: options.profile }),
    endpoints,
    models: withModels(qwenModels(endpoints), options.models),
    async *stream(call) {
      yield* streamOf(client, call, find(byId, call.endpoint), options);
    },
    streamBatches: (call) =>
      call.operation === 'chat' ? streamChat(client, call, find(byId, call.endpoint), options.api) : undefined,
    describe: (call) => describeCall(call, find(byId, call.endpoint), options),
    estimate: estimateUsage,
    countTokens: async (call) =>
      call.operation === 'chat' ? countTokens(client, call, find(byId, call.endpoint)) : null,
    ping(endpoint, signal) {
      return ping(client, signal, () => {
        const name = `qwen@${endpoint.id}`;
        const key = find(byId, endpoint).key.read(name);
        return {
          url: `${endpoint.baseUrl}/models`,
          headers: { authorization: `Bearer ${key}` },
          service: { name, secrets: [key], classify: classifyFor(endpoint) },
        };
      });
    },
    prepare: () => client.prepare(),
    close: () => client.close(),
  };
}

/** The longest wait between two looks at a task, as a multiple of the first. */
const LONGEST_WAIT = 5;

function streamOf(
  client: HttpClient,
  call: ProviderCall,
  place: QwenEndpoint,
  { api, pollMs }: QwenSettings,
): AsyncIterable<ProviderEvent> {
  const pace = { firstMs: pollMs, maxMs: LONGEST_WAIT * pollMs };
  switch (call.operation) {
    case 'chat':
      return singly(streamChat(client, call, place, api));
    case 'transcribe':
      return transcribe(client, call, place, pace);
    case 'speak':
      return speak(client, call, place);
    case 'paint':
      return paint(client, call, place, pace);
    default:
      throw unsupportedOperation('qwen', call);
  }
}

function describeCall(call: ProviderCall, place: QwenEndpoint, { api }: QwenSettings): WireRequest {
  switch (call.operation) {
    case 'chat':
      return describeQwenChat(call, place, api);
    case 'transcribe':
      return describeTranscription(call, place);
    case 'speak':
      return describeSpeech(call, place);
    case 'paint':
      return describePainting(call, place);
    default:
      throw unsupportedOperation('qwen', call);
  }
}

function find(byId: ReadonlyMap<string, QwenEndpoint>, endpoint: Endpoint): QwenEndpoint {
  const found = byId.get(endpoint.id);
  if (found !== undefined) return found;
  throw new VibeError('config', `qwen has no endpoint ${endpoint.id}.`, {
    next: [`Use one of ${[...byId.keys()].join(', ')}.`],
  });
}
