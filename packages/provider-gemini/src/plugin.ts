import { definePlugin, type Endpoint, type Provider, VibeError } from '@vibe/core';
import { createHttpClient, ping, unsupportedOperation, withModels } from '@vibe/provider-kit';
import { describeGeminiChat, keyHeader, streamChat } from './chat.js';
import { type GeminiEndpoint, geminiEndpoints } from './endpoints.js';
import { classifyFor } from './errors.js';
import { geminiModels } from './models.js';
import { type GeminiSettings, geminiOptions } from './options.js';

/** Google's Gemini as a provider. The key is `GEMINI_API_KEY`, then `GOOGLE_API_KEY`. */
export const gemini = definePlugin({
  name: '@vibe/provider-gemini',
  specVersion: 'v1',
  options: geminiOptions,
  create: createProvider,
});

function createProvider(options: GeminiSettings): Provider {
  const served = geminiEndpoints(options);
  const byId = new Map(served.map((each) => [each.endpoint.id, each]));
  const client = createHttpClient();
  return {
    kind: 'provider',
    id: 'gemini',
    ...(options.profile !== undefined && { profile: options.profile }),
    endpoints: served.map(({ endpoint }) => endpoint),
    models: withModels(geminiModels, options.models),
    async *stream(call) {
      if (call.operation !== 'chat') throw unsupportedOperation('gemini', call);
      yield* streamChat(client, call, find(byId, call.endpoint));
    },
    describe(call) {
      if (call.operation !== 'chat') throw unsupportedOperation('gemini', call);
      return describeGeminiChat(call);
    },
    ping(endpoint, signal) {
      return ping(client, signal, () => {
        const name = `gemini@${endpoint.id}`;
        const key = find(byId, endpoint).key.read(name);
        return {
          url: `${endpoint.baseUrl}/models?pageSize=1`,
          headers: keyHeader(key),
          service: { name, secrets: [key], classify: classifyFor(endpoint) },
        };
      });
    },
    close: () => client.close(),
  };
}

function find(byId: ReadonlyMap<string, GeminiEndpoint>, endpoint: Endpoint): GeminiEndpoint {
  const found = byId.get(endpoint.id);
  if (found !== undefined) return found;
  throw new VibeError('config', `gemini has no endpoint ${endpoint.id}.`, {
    next: [`Use one of ${[...byId.keys()].join(', ')}.`],
  });
}
