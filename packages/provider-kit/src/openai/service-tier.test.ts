import type { ChatRequest, Json, Part, Usage } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { readChatChunk } from './chunk.js';
import type { ChatDialect } from './dialect.js';
import { ChatFold } from './fold.js';
import { openAiCompatible } from './open-ai-compatible.js';
import { tieredBound } from './service-tier.js';

const dialect = { requestId: (id: string) => id } as ChatDialect;
const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };

/** What a stream is billed by, and what a caller who leaves at its last event would be. */
function billed(...chunks: readonly object[]): readonly (Usage | null)[] {
  const fold = new ChatFold(dialect);
  const events = chunks.flatMap((chunk) => fold.accept(readChatChunk(chunk)));
  const [end] = fold.end(null, []).slice(-1);
  const said = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
  return end?.type === 'final' ? [...said, end.result.usage] : said;
}

const answer = (service_tier: unknown) => ({
  choices: [{ message: { content: 'yes' }, finish_reason: 'stop' }],
  usage,
  service_tier,
});

describe('the service tier of an answer', () => {
  it.each([
    ['priority', 'priority'],
    ['Flex', 'flex'],
    ['default', 'standard'],
    ['on_demand', 'standard'],
    ['auto', undefined],
    ['', undefined],
    [null, undefined],
    [7, undefined],
    [undefined, undefined],
  ])('%j is billed as %s', (said, serviceTier) => {
    expect(billed(answer(said)).map((each) => each?.serviceTier)).toEqual([serviceTier, serviceTier]);
  });

  it('is that of the whole stream, wherever it stood', () => {
    const text = { choices: [{ delta: { content: 'yes' }, finish_reason: 'stop' }] };
    const tiers = billed({ ...text, service_tier: 'flex' }, { choices: [], usage }).map((each) => each?.serviceTier);
    expect(tiers).toEqual(['flex', 'flex']);
  });
});

describe('the bound of a request that asks for a tier', () => {
  const bound = (options: Json, part: Part = { type: 'text', text: 'Hi' }) => {
    const request: ChatRequest = { messages: [{ role: 'user', content: [part] }], providerOptions: { acme: options } };
    const provider = openAiCompatible({ id: 'acme', endpoints: [], models: [] });
    const quantities = { input_token: 7 };
    const model = {} as Parameters<NonNullable<typeof provider.estimate>>[1];
    expect(provider.estimate?.(request, model, { operation: 'chat', quantities })).toEqual(
      tieredBound(request, 'acme', { operation: 'chat', quantities }),
    );
    return tieredBound(request, 'acme', { operation: 'chat', quantities });
  };

  it('is held at its price', () => {
    expect(bound({ service_tier: 'priority' })).toEqual({
      quantities: { input_token: 7 },
      unknown: true,
      source: 'estimated',
      serviceTier: 'priority',
    });
  });

  it('is left to core where nothing is asked for, or where only core knows whether there is a bound', () => {
    for (const options of [{}, null, 'priority', [], { service_tier: 'auto' }]) expect(bound(options)).toBeNull();
    const sound: Part = { type: 'audio', mediaType: 'audio/mpeg', data: new URL('https://example.com/a.mp3') };
    expect(bound({ service_tier: 'priority' }, sound)).toBeNull();
  });
});
