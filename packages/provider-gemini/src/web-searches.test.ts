import type { Json, Usage } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.js';
import { GeminiFold } from './from-wire.js';
import { geminiModels } from './models.js';
import { geminiAnswer } from './wire.js';

const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 30, toolUsePromptTokenCount: 73 };

function event(modelVersion: string, text: string, webSearchQueries?: readonly string[], finishReason?: string) {
  const groundingMetadata = webSearchQueries === undefined ? {} : { groundingMetadata: { webSearchQueries } };
  return geminiAnswer.parse({
    candidates: [{ content: { parts: [{ text }] }, finishReason, ...groundingMetadata }],
    usageMetadata,
    modelVersion,
  });
}

/** What an answer is billed by, and what a caller who leaves before its end would be. */
function usagesOf(...events: readonly ReturnType<typeof event>[]): readonly (Usage | null)[] {
  const fold = new GeminiFold();
  const said = events.flatMap((each) => fold.accept(each));
  const usages: (Usage | null)[] = said.flatMap((each) => (each.type === 'usage' ? [each.usage] : []));
  const end = fold.end('Gemini', [], false);
  return end.type === 'final' ? [...usages, end.result.usage] : usages;
}

describe('the searches of an answer', () => {
  it('are billed by the query from Gemini 3 on, and by the prompt before', () => {
    const queries = ['ruby', 'latest ruby'];
    const searched = (model: string) => usagesOf(event(model, 'yes', queries, 'STOP')).at(-1);
    expect(searched('models/gemini-3.6-flash')?.quantities).toEqual({
      input_token: 83,
      output_token: 30,
      web_search: 2,
    });
    expect(searched('gemini-2.5-flash')?.quantities['web_search']).toBe(1);
    expect(searched('gemini-2.5-flash')).toMatchObject({ unknown: false, source: 'provider' });
  });

  it('are counted once, whichever events of a stream name them', () => {
    const events = [
      event('gemini-3.6-flash', 'a'),
      event('gemini-3.6-flash', 'b', ['one']),
      event('gemini-3.6-flash', 'c', ['one', 'two'], 'STOP'),
      event('gemini-3.6-flash', ''),
    ];
    expect(usagesOf(...events).map((usage) => usage?.quantities['web_search'])).toEqual([undefined, 1, 2, 2, 2]);
  });

  it('are nothing where nothing was searched', () => {
    for (const none of [undefined, []])
      expect(usagesOf(event('gemini-3.6-flash', 'a', none, 'STOP')).at(-1)?.quantities).not.toHaveProperty(
        'web_search',
      );
  });
});

describe('the searches that are held', () => {
  const held = (modelId: string, options: Json) => {
    const model = geminiModels.find(({ id }) => id === modelId) as (typeof geminiModels)[number];
    const request = { messages: [], providerOptions: { gemini: options } };
    return estimate(request, model, { operation: 'chat', quantities: { input_token: 20 } })?.quantities;
  };

  it.each([{ googleSearch: {} }, { google_search: {} }])('are some where the tools have %j', (search) => {
    expect(held('gemini-3.6-flash', { tools: [{ codeExecution: {} }, search] })).toEqual({
      input_token: 20,
      web_search: 5,
    });
    expect(held('gemini-2.5-flash', { tools: [search] })).toEqual({ input_token: 20, web_search: 1 });
  });

  it.each([{}, { tools: [{ codeExecution: {} }] }, { tools: {} }, { tools: [null] }])('are none with %j', (options) => {
    expect(held('gemini-3.6-flash', options)).toEqual({ input_token: 20 });
  });
});
