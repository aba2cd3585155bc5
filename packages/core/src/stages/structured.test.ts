import { describe, expect, it } from 'vitest';
import { resultOf, type Script, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { VibeError } from '../errors/vibe-error.js';
import type { ProviderResult } from '../spec/event.js';

const output = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] } as const;
const ends = (change: Partial<ProviderResult>, text = ''): Script =>
  async function* () {
    yield { type: 'final', result: { ...resultOf(text, 1), ...change } };
  };

async function ask(scripts: readonly Script[]) {
  const provider = scripted(scripts);
  const vibe = createVibe({ plugins: [provider, testPrices] });
  const response = await vibe.generate({ model: 'acme-1', prompt: 'Who?', output }).catch((error: unknown) => error);
  return { calls: provider.calls.length, response };
}

describe('an answer with a JSON Schema', () => {
  it('is validated, and repaired once', async () => {
    const { calls, response } = await ask([says('{"age":"36"}'), says('```json\n{"age":36}\n```')]);
    expect([calls, (response as { object: unknown }).object]).toEqual([2, { age: 36 }]);
  });

  it('names what does not fit', async () => {
    const { response } = await ask([says('{"age":"36"}')]);
    expect(VibeError.is(response, 'schema_mismatch') && response.message).toContain('age: must be integer');
  });

  it('is not expected of a model that calls a tool', async () => {
    const call = { type: 'tool_call', id: '1', name: 'look', input: {} } as const;
    const { calls, response } = await ask([ends({ content: [call], finishReason: 'tool_calls' })]);
    expect([calls, response]).toMatchObject([1, { object: null, finishReason: 'tool_calls', content: [call] }]);
  });

  it.each([
    ['length', 'schema_mismatch', /cut at maxOutputTokens/],
    ['content_filter', 'content_filtered', /withheld by a filter/],
  ] as const)('is not asked for again when it ended with %s', async (finishReason, code, message) => {
    const { calls, response } = await ask([ends({ finishReason }, '{"ag')]);
    expect(calls).toBe(1);
    expect(response).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((response as VibeError).cost?.actualNanoUsd).toBeGreaterThan(0);
  });
});
