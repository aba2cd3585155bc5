import type { ChatRequest, GenericBound, Json, Part } from '@vibe/core';
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

it('counts what goes back with a part: the thoughts behind a signature, and a part of another kind', () => {
  const ofPart = (part: Part) => {
    const messages: ChatRequest['messages'] = [{ role: 'assistant', content: [part] }];
    return estimate({ messages }, model, generic)?.quantities['input_token'];
  };
  const call = { type: 'tool_call', id: 'c1', name: 'weather', input: {} } as const;
  // the recorded signature of 604 characters stood for 102 tokens
  expect(ofPart({ ...call, providerData: { thoughtSignature: 's'.repeat(604) } })).toBe(20 + 151);
  const code = { executableCode: { language: 'PYTHON', code: 'print("雨")' } };
  const bytes = Buffer.byteLength(JSON.stringify(code));
  expect(ofPart({ type: 'text', text: '', providerData: { part: code } })).toBe(20 + bytes);
  const draft = { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thought: true };
  expect(ofPart({ type: 'text', text: '', providerData: { part: draft } })).toBe(20 + 4_128);
  expect(ofPart({ ...call, providerData: { anothers: 's'.repeat(604) } })).toBe(20);
});
