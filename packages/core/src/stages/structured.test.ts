import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fails, resultOf, type Script, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { VibeError } from '../errors/vibe-error.js';
import type { ProviderResult } from '../spec/event.js';
import type { ProviderCall } from '../spec/provider.js';

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

describe('the repair of an answer', () => {
  const list = (age: string) => `[${Array.from({ length: 300 }, () => `{"age":${age}}`).join(',')}]`;
  const people = z.array(z.object({ age: z.number() }));

  const messagesOf = (call: ProviderCall | undefined) => (call?.operation === 'chat' ? call.request.messages : []);

  it.each([
    ['a short answer', 'no', '{"age":36}', output],
    ['an answer with a long list of problems', list('"36"'), list('36'), people],
  ])('is covered by the hold as a request of its own: %s', async (_, wrong, right, schema) => {
    const provider = scripted([says(wrong), says(right)]);
    const vibe = createVibe({
      plugins: [provider, testPrices],
      mode: 'strict_budget',
      budgets: [{ window: 'day', limitUsd: 1 }],
    });
    let heldNanoUsd = 0;
    vibe.on('extend', ({ toNanoUsd }) => {
      heldNanoUsd = toNanoUsd;
    });
    const asked = { model: 'acme-1', output: schema, maxOutputTokens: 1_000 } as const;
    const { attempts } = await vibe.generate({ ...asked, prompt: 'Who?' });
    const { worstCaseUsd } = await vibe.estimate({ ...asked, messages: messagesOf(provider.calls[1]) });
    expect(attempts).toHaveLength(2);
    expect(heldNanoUsd).toBeGreaterThanOrEqual((attempts[0]?.actualNanoUsd ?? 0) + (worstCaseUsd ?? 0) * 1e9);
  });

  it('is asked of the model that got it wrong, not of one that had failed before it', async () => {
    const answers = (call: ProviderCall) => says(messagesOf(call).length > 1 ? '{"age":36}' : 'no')(call);
    const provider = scripted(
      (call) => (call.model.id === 'first' ? fails('provider_unavailable', 'down')(call) : answers(call)),
      { models: ['first', 'second'].map((id) => ({ id, structured: true })) },
    );
    const vibe = createVibe(
      { plugins: [provider, testPrices], router: { policy: 'fixed', order: ['acme/first', 'acme/second'] } },
      { random: () => 0 },
    );
    const answer = await vibe.generate({
      model: 'acme/*',
      prompt: 'Who?',
      output: z.object({ age: z.number() }),
      retry: { attempts: 4 },
    });
    expect(provider.calls.map(({ model }) => model.id)).toEqual(['first', 'first', 'second', 'second']);
    expect(answer.object).toEqual({ age: 36 });
  });

  it('tells the model the first of the problems, not all of them', async () => {
    const provider = scripted([says(list('"36"')), says(list('36'))]);
    const vibe = createVibe({ plugins: [provider, testPrices] });
    await vibe.generate({ model: 'acme-1', prompt: 'Who?', output: people });
    const correction = JSON.stringify(messagesOf(provider.calls[1]).at(-1));
    expect(correction).toContain('0.age');
    expect(correction.length).toBeLessThan(1_300);
  });
});

describe('an answer with a JSON Schema', () => {
  it('is validated, and repaired once', async () => {
    const { calls, response } = await ask([says('{"age":"36"}'), says('```json\n{"age":36}\n```')]);
    expect([calls, (response as { object: unknown }).object]).toEqual([2, { age: 36 }]);
  });

  it('is not quoted in the message, which the ledger keeps', async () => {
    const { response } = await ask([says('Ada Lovelace, 36')]);
    expect(response).toMatchObject({ code: 'schema_mismatch', details: { text: 'Ada Lovelace, 36' } });
    expect((response as VibeError).message).toContain("it is no JSON (Unexpected token 'A')");
  });

  it('is no JSON without more where nothing else can be said unquoted', async () => {
    const { response } = await ask([says('undefined')]);
    expect((response as VibeError).message).toBe('The answer does not match the schema: it is no JSON.');
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
