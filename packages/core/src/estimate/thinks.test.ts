import { expect, it } from 'vitest';
import type { Json } from '../spec/json.js';
import type { ModelManifest } from '../spec/provider.js';
import type { ChatRequest, Reasoning } from '../spec/request.js';
import { mayThink } from './thinks.js';

const answer = (thinking: ModelManifest['thinking'], reasoning?: Reasoning, options?: Json, can = true) =>
  mayThink(
    {
      messages: [],
      ...(reasoning !== undefined && { reasoning }),
      ...(options !== undefined && { providerOptions: { acme: options } }),
    } as ChatRequest,
    { reasoning: can, ...(thinking !== undefined && { thinking }) } as ModelManifest,
    'acme',
  );

it.each([
  ['off', undefined, false],
  ['off', 'off', false],
  ['off', 'low', true],
  ['off', { budgetTokens: 1 }, true],
  ['on', undefined, true],
  ['on', 'off', false],
  ['always', 'off', true],
  [undefined, 'off', true],
] as const)('a model that thinks "%s" and is asked for %j may think: %s', (thinking, reasoning, expected) => {
  expect(answer(thinking, reasoning)).toBe(expected);
});

it('never does where it cannot', () => {
  expect(answer('always', 'high', undefined, false)).toBe(false);
});

it.each([
  [{ enable_thinking: true }, true],
  [{ thinking_budget: 100 }, true],
  [{ reasoning_effort: 'high' }, true],
  [{ generationConfig: { thinkingConfig: { thinkingBudget: 5 } } }, true],
  [{ enable_thinking: false }, false],
  [{ top_k: 3 }, false],
  [['thinking'], false],
])('may be switched on by options of the provider: %j', (options, expected) => {
  expect(answer('off', undefined, options)).toBe(expected);
});
