import {
  definePlugin,
  type Endpoint,
  type PluginHost,
  type Provider,
  type ProviderCall,
  type ProviderEvent,
  VibeError,
} from '@vibe/core';
import { createHttpClient, ping, type Service, singly, withModels } from '@vibe/provider-kit';
import { countTokens } from './count-tokens.js';
import { type GeminiEndpoint, geminiEndpoints } from './endpoints.js';
import { classifyFor } from './errors.js';
import { estimate } from './estimate.js';
import { geminiModels } from './models.js';
import { answer, prepare } from './operations.js';
import { type GeminiSettings, geminiOptions } from './options.js';
import { keyHeader, wireOf } from './prepared.js';

/** Google's Gemini as a provider. The key is `GEMINI_API_KEY`, then `GOOGLE_API_KEY`. */
export const gemini = definePlugin({
  name: '@vibe/provider-gemini',
  specVersion: 'v1',
  options: geminiOptions,
  create: createProvider,
});

function createProvider(options: GeminiSettings, host: PluginHost): Provider {
  const served = geminiEndpoints(options, host);
  const byId = new Map(served.map((each) => [each.endpoint.id, each]));
  const client = createHttpClient();

  async function* batches(call: ProviderCall): AsyncGenerator<readonly ProviderEvent[], void, void> {
    const service = serviceOf(find(byId, call.endpoint));
    yield* answer(client, call, service, prepare(call));
  }

  return {
    kind: 'provider',
    tokenFamily: 'gemini',
    id: 'gemini',
    ...(options.profile !== undefined && { profile: options.profile }),
    endpoints: served.map(({ endpoint }) => endpoint),
    models: withModels(geminiModels, options.models),
    stream: (call) => singly(batches(call)),
    streamBatches: batches,
    describe: (call) => wireOf(prepare(call)),
    estimate,
    countTokens: async (call) =>
      call.operation === 'chat' ? countTokens(client, call, serviceOf(find(byId, call.endpoint))) : null,
    ping(endpoint, signal) {
      return ping(client, signal, () => {
        const service = serviceOf(find(byId, endpoint));
        return {
          url: `${endpoint.baseUrl}/models?pageSize=1`,
          headers: keyHeader(service.secrets[0] ?? ''),
          service,
        };
      });
    },
    prepare: () => client.prepare(),
    close: () => client.close(),
  };
}

/** Reads the key, and so throws `auth` before anything is sent when there is none. */
function serviceOf({ endpoint, key }: GeminiEndpoint): Service {
  const name = `gemini@${endpoint.id}`;
  return { name, secrets: [key.read(name)], classify: classifyFor(endpoint) };
}

function find(byId: ReadonlyMap<string, GeminiEndpoint>, endpoint: Endpoint): GeminiEndpoint {
  const found = byId.get(endpoint.id);
  if (found !== undefined) return found;
  throw new VibeError('config', `gemini has no endpoint ${endpoint.id}.`, {
    next: [`Use one of ${[...byId.keys()].join(', ')}.`],
  });
}
