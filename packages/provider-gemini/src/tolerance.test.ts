/** Whatever happens to a field of the wire: unknown ones are ignored, missing ones unknown, wrong ones named. */
import { type Breakage, breakField } from '@vibe/contract-tests';
import { type ProviderResult, VibeError } from '@vibe/core';
import { collect, listen, reply, resultOf } from '@vibe/testing';
import { describe, expect, it } from 'vitest';
import { chatCall, provide, testKey } from './testing.js';

const answer = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'Let me see.', thought: true },
          { text: 'It rains.', thoughtSignature: 'c2ln' },
          { functionCall: { id: 'c1', name: 'weather', args: { city: 'Bonn' } } },
        ],
      },
      finishReason: 'STOP',
      index: 0,
    },
  ],
  usageMetadata: {
    promptTokenCount: 30,
    cachedContentTokenCount: 10,
    candidatesTokenCount: 12,
    thoughtsTokenCount: 5,
    totalTokenCount: 47,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 20 },
      { modality: 'AUDIO', tokenCount: 10 },
    ],
  },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r1',
};

async function read(document: unknown): Promise<ProviderResult | VibeError> {
  const server = await listen(reply(200, {}, JSON.stringify(document)));
  const provider = provide({ apiKey: testKey, baseUrl: server.url });
  try {
    return resultOf(await collect(provider.stream(chatCall(provider, {}, { incremental: false }))));
  } catch (error) {
    return VibeError.from(error);
  } finally {
    await provider.close?.();
    await server.close();
  }
}

const broken = (path: string, breakage: Breakage) => read(breakField([answer], path, breakage)[0]);
const quantities = (result: ProviderResult | VibeError) => ('content' in result ? result.usage?.quantities : undefined);

it('an answer whose output nobody counted is not free: its usage is unknown', async () => {
  const without = (parts: readonly object[], finishReason = 'STOP') => ({
    candidates: [{ content: { role: 'model', parts }, finishReason }],
    usageMetadata: { promptTokenCount: 30, totalTokenCount: 30 },
  });
  const partial = { usage: { quantities: { input_token: 30 }, unknown: true, source: 'partial' } };
  expect(await read(without([{ text: 'It rains.' }]))).toMatchObject(partial);
  expect(await read(without([{ functionCall: { name: 'weather', args: {} } }]))).toMatchObject(partial);
  const none = { usage: { quantities: { input_token: 30 }, unknown: false, source: 'provider' } };
  expect(await read(without([], 'SAFETY'))).toMatchObject(none);
  expect(await read(without([{ text: '', thoughtSignature: 'c2ln' }]))).toMatchObject(none);
});

it('an answer is not lost for what stands around its searches', async () => {
  const grounded = (groundingMetadata: unknown) => ({
    candidates: [{ content: { parts: [{ text: 'It rains.' }] }, finishReason: 'STOP', groundingMetadata }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 },
  });
  const tokens = { input_token: 1, output_token: 2 };
  const queries = ['weather Bonn', 'rain Bonn'];
  expect((await read(grounded({ webSearchQueries: queries }))).usage?.quantities).toEqual({ ...tokens, web_search: 2 });
  for (const none of [null, 'x', {}, { webSearchQueries: null }, { webSearchQueries: [] }])
    expect((await read(grounded(none))).usage?.quantities).toEqual(tokens);
});

it('a picture or sound whose share of the output nobody names is not billed as text', async () => {
  const made = (mimeType: string, details: object = {}) => ({
    candidates: [{ content: { parts: [{ inlineData: { mimeType, data: 'AAAA' } }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 1_300, ...details },
  });
  const partial = { unknown: true, source: 'partial' };
  expect(await read(made('image/png'))).toMatchObject({
    usage: { quantities: { input_token: 5, output_token: 0, output_image_token: 1_300 }, ...partial },
  });
  expect(quantities(await read(made('audio/wav')))).toMatchObject({ output_token: 0, output_audio_token: 1_300 });
  const candidatesTokensDetails = [{ modality: 'IMAGE', tokenCount: 1_290 }];
  expect(await read(made('image/png', { candidatesTokensDetails }))).toMatchObject({
    usage: { quantities: { output_token: 10, output_image_token: 1_290 }, unknown: false, source: 'provider' },
  });
});

it('a picture that was only a thought is no part of the answer, and goes back as it came', async () => {
  const draft = { inlineData: { mimeType: 'image/png', data: 'AAAA' }, thought: true, thoughtSignature: 'c2ln' };
  const picture = { inlineData: { mimeType: 'image/png', data: 'BBBB' } };
  const document = { candidates: [{ content: { parts: [draft, picture] }, finishReason: 'STOP' }] };
  expect(await read(document)).toMatchObject({
    content: [
      { type: 'text', text: '', providerData: { part: draft } },
      { type: 'image', data: 'BBBB' },
    ],
  });
});

describe('a field of the wire', () => {
  it('that is new changes nothing', async () => {
    const plain = await read(answer);
    const part = answer.candidates[0]?.content.parts[0];
    const grown = {
      ...answer,
      news: [1],
      candidates: [{ ...answer.candidates[0], mood: { good: true } }],
      usageMetadata: { ...answer.usageMetadata, waterMl: 3 },
    };
    expect(part).toBeDefined();
    expect(await read(grown)).toEqual(plain);
  });

  it.each([
    'candidates',
    'candidates[].content',
    'candidates[].content.parts',
    'candidates[].content.parts[].text',
    'candidates[].content.parts[].thought',
    'candidates[].content.parts[].thoughtSignature',
    'candidates[].content.parts[].functionCall',
    'candidates[].content.parts[].functionCall.id',
    'candidates[].content.parts[].functionCall.name',
    'candidates[].content.parts[].functionCall.args',
    'candidates[].finishReason',
    'candidates[].index',
    'usageMetadata',
    'usageMetadata.promptTokenCount',
    'usageMetadata.cachedContentTokenCount',
    'usageMetadata.candidatesTokenCount',
    'usageMetadata.thoughtsTokenCount',
    'usageMetadata.promptTokensDetails',
    'usageMetadata.promptTokensDetails[].modality',
    'usageMetadata.promptTokensDetails[].tokenCount',
    'modelVersion',
    'responseId',
  ])('of another type is named: %s', async (path) => {
    const error = await broken(path, 'retyped');
    // `thought: 'yes'` is wrong too; every other field becomes `true`
    expect(error).toMatchObject({ code: 'invalid_response', retryable: true });
    const named = String((error as VibeError).details['path']).replace(/\[\d+\]/g, '[]');
    expect(named).toBe(`$.${path}`);
  });

  it.each([
    ['usageMetadata', undefined],
    [
      'usageMetadata.candidatesTokenCount',
      { input_token: 10, input_audio_token: 10, cached_input_token: 10, reasoning_token: 5 },
    ],
    [
      'usageMetadata.thoughtsTokenCount',
      { input_token: 10, input_audio_token: 10, cached_input_token: 10, output_token: 12 },
    ],
    [
      'usageMetadata.cachedContentTokenCount',
      { input_token: 20, input_audio_token: 10, output_token: 12, reasoning_token: 5 },
    ],
    [
      'usageMetadata.promptTokensDetails',
      { input_token: 20, cached_input_token: 10, output_token: 12, reasoning_token: 5 },
    ],
  ])('that is missing is unknown and not 0: %s', async (path, expected) => {
    expect(quantities(await broken(path, 'removed'))).toEqual(expected);
  });

  it.each(['modelVersion', 'responseId'])('that is missing is null: %s', async (path) => {
    expect(await broken(path, 'removed')).toMatchObject({
      [path === 'modelVersion' ? 'servedModel' : 'requestId']: null,
    });
  });
});
