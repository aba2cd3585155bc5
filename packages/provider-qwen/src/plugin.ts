import { definePlugin, type Endpoint, type Provider, VibeError } from '@vibe/core';
import { createHttpClient, ping, unsupportedOperation, withModels } from '@vibe/provider-kit';
import { describeQwenChat, streamChat } from './chat.js';
import { type QwenEndpoint, qwenEndpoints } from './endpoints.js';
import { classifyFor } from './errors.js';
import { qwenModels } from './models.js';
import { type QwenSettings, qwenOptions } from './options.js';

/** Qwen on Alibaba Cloud Model Studio (DashScope) as a provider. `DASHSCOPE_API_KEY` is the key of the option `region`. */
export const qwen = definePlugin({
  name: '@vibe/provider-qwen',
  specVersion: 'v1',
  options: qwenOptions,
  create: createProvider,
});

function createProvider(options: QwenSettings): Provider {
  const served = qwenEndpoints(options);
  const byId = new Map(served.map((each) => [each.endpoint.id, each]));
  const endpoints = served.map(({ endpoint }) => endpoint);
  const client = createHttpClient();
  return {
    kind: 'provider',
    id: 'qwen',
    ...(options.profile !== undefined && { profile: options.profile }),
    endpoints,
    models: withModels(qwenModels(endpoints), options.models),
    async *stream(call) {
      if (call.operation !== 'chat') throw unsupportedOperation('qwen', call);
      yield* streamChat(client, call, find(byId, call.endpoint));
    },
    describe(call) {
      if (call.operation !== 'chat') throw unsupportedOperation('qwen', call);
      return describeQwenChat(call);
    },
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
    close: () => client.close(),
  };
}

function find(byId: ReadonlyMap<string, QwenEndpoint>, endpoint: Endpoint): QwenEndpoint {
  const found = byId.get(endpoint.id);
  if (found !== undefined) return found;
  throw new VibeError('config', `qwen has no endpoint ${endpoint.id}.`, {
    next: [`Use one of ${[...byId.keys()].join(', ')}.`],
  });
}
