import type { ChatRequest, GenericBound, Json } from '@vibe/core';
import { expect, it } from 'vitest';
import { estimate } from './estimate.js';
import { geminiModels } from './models.js';

const model = geminiModels.find(({ id }) => id === 'gemini-2.5-flash') as (typeof geminiModels)[number];
const generic: GenericBound = { operation: 'chat', quantities: { input_token: 20 } };

function ofOptions(options: Json) {
  const request = { messages: [], providerOptions: { gemini: options } } as ChatRequest;
  return estimate(request, model, generic);
}

it.each(['cachedContent', 'cached_content'])('bounds what is behind %s by the context of the model', (key) => {
  expect(ofOptions({ [key]: 'cachedContents/1' })?.quantities).toEqual({
    input_token: 20,
    cached_input_token: 1_048_576,
  });
  expect(ofOptions({ topK: 1 })?.quantities).toEqual({ input_token: 20 });
});

it.each([
  [{ serviceTier: 'priority' }, 'priority'],
  [{ service_tier: 'SERVICE_TIER_FLEX' }, 'flex'],
  [{}, undefined],
])('is priced by the service tier that was asked for: %j', (options, tier) => {
  expect(ofOptions(options)?.serviceTier).toBe(tier);
});
