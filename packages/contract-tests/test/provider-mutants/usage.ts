import type { Usage } from '@vibe/core';
import { billed, type ProviderMutants, streamed } from './mutant.js';

const quantitiesOf = (usage: Usage) => usage.quantities as Record<string, number>;

/** Wrong about what was billed, or different with and without a stream. */
export const usageMutants: ProviderMutants = {
  'takes an unknown usage for 0': {
    caughtBy: 'usage',
    mutate: billed(
      (usage) => usage ?? { quantities: { input_token: 0, output_token: 0 }, unknown: false, source: 'provider' },
    ),
  },
  'counts cached tokens twice': {
    caughtBy: 'usage',
    mutate: billed((usage) =>
      usage === null
        ? null
        : {
            ...usage,
            quantities: {
              ...usage.quantities,
              input_token: (quantitiesOf(usage)['input_token'] ?? 0) + (quantitiesOf(usage)['cached_input_token'] ?? 0),
            },
          },
    ),
  },
  'counts reasoning twice': {
    caughtBy: 'usage',
    mutate: billed((usage) =>
      usage === null
        ? null
        : {
            ...usage,
            quantities: {
              ...usage.quantities,
              output_token: (quantitiesOf(usage)['output_token'] ?? 0) + (quantitiesOf(usage)['reasoning_token'] ?? 0),
            },
          },
    ),
  },
  'says 0 of what the service did not mention': {
    caughtBy: 'usage',
    mutate: billed((usage) =>
      usage === null ? null : { ...usage, quantities: { cached_input_token: 0, ...usage.quantities } },
    ),
  },
  'calls what the service said an estimate': {
    caughtBy: 'usage',
    mutate: billed((usage) => (usage === null ? null : { ...usage, unknown: true, source: 'estimated' })),
  },
  'says more on the way than at the end': {
    caughtBy: 'usage',
    mutate: streamed(async function* (stream, call) {
      let output = 0;
      for await (const event of stream(call)) {
        yield event;
        output += 1_000;
        const quantities = { output_token: output };
        if (event.type === 'delta') yield { type: 'usage', usage: { quantities, unknown: false, source: 'provider' } };
      }
    }),
  },
  'counts nothing': {
    caughtBy: 'usage',
    mutate: (provider) => ({ ...provider, countTokens: async () => ({ input_token: 0 }) }),
  },
  'counts what is no number': {
    caughtBy: 'usage',
    mutate: (provider) => ({ ...provider, countTokens: async () => ({ input_token: Number.NaN }) }),
  },
  'estimates too little': {
    caughtBy: 'usage',
    mutate: (provider) => ({
      ...provider,
      estimate: () => ({ quantities: { input_token: 1 }, unknown: true, source: 'estimated' }),
    }),
  },
  'answers differently when nobody looks at deltas': {
    caughtBy: 'parity',
    mutate: streamed(async function* (stream, call) {
      for await (const event of stream(call))
        yield event.type === 'final' && !call.incremental
          ? { ...event, result: { ...event.result, rawFinishReason: 'END' } }
          : event;
    }),
  },
};
