import type { ProviderCall } from '@vibe/core';
import { type ProviderMutants, streamed } from './mutant.js';

/** Wrong about themselves and about what they would send. */
export const manifestMutants: ProviderMutants = {
  'streams nothing although it says so': {
    caughtBy: 'manifest',
    mutate: streamed(async function* (stream, call) {
      for await (const event of stream(call)) if (event.type === 'final') yield event;
    }),
  },
  'has the key for everyone to read': {
    caughtBy: 'manifest',
    mutate: (provider, apiKey) => Object.assign({ apiKey }, provider),
  },
  'describes another request than it sends': {
    caughtBy: 'dry run',
    mutate: (provider) => ({
      ...provider,
      describe: (call) => ({
        method: 'POST',
        url: 'https://toy.example/v1/answer',
        headers: {},
        body: { model: call.model.id },
      }),
    }),
  },
  'sends everything to one endpoint': {
    caughtBy: 'dry run',
    mutate: (provider) => {
      const changed = (call: ProviderCall) => ({ ...call, endpoint: provider.endpoints[0] ?? call.endpoint });
      return {
        ...provider,
        stream: (call) => provider.stream(changed(call)),
        describe: (call) => (provider.describe as NonNullable<typeof provider.describe>)(changed(call)),
      };
    },
  },
  'describes its key': {
    caughtBy: 'dry run',
    mutate: (provider, key) => ({
      ...provider,
      describe: (call) => ({
        ...(provider.describe as NonNullable<typeof provider.describe>)(call),
        headers: { authorization: `Bearer ${key}` },
      }),
    }),
  },
  'sends when it is asked to describe': {
    caughtBy: 'dry run',
    mutate: (provider) => ({
      ...provider,
      describe(call) {
        provider
          .stream(call)
          [Symbol.asyncIterator]()
          .next()
          .catch(() => undefined);
        return (provider.describe as NonNullable<typeof provider.describe>)(call);
      },
    }),
  },
  'declares a model that nobody serves': {
    caughtBy: 'manifest',
    mutate: (provider) => ({
      ...provider,
      models: provider.models.map((model) => ({
        ...model,
        operations: [...model.operations, 'speak'],
        output: [...model.output, 'audio'],
      })),
    }),
  },
  'declares two models of one name': {
    caughtBy: 'manifest',
    mutate: (provider) => ({ ...provider, models: provider.models.map((model) => ({ ...model, aliases: ['toy'] })) }),
  },
  'does not say where its endpoint is': {
    caughtBy: 'manifest',
    mutate: (provider) => ({
      ...provider,
      endpoints: provider.endpoints.map((endpoint) => ({ ...endpoint, region: '' })),
    }),
  },
  'says that all is well in every ping': {
    caughtBy: 'manifest',
    mutate: (provider) => ({ ...provider, ping: async () => ({ ok: true, latencyMs: 1 }) }),
  },
};
