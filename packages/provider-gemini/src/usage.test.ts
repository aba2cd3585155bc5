import { describe, expect, it } from 'vitest';
import { geminiUsage } from './usage.js';
import type { GeminiUsage } from './wire.js';

const nothing: GeminiUsage = {};
const counts = (...pairs: readonly (readonly [string, number])[]) =>
  pairs.map(([modality, tokenCount]) => ({ modality, tokenCount }));

function quantities(usage: Partial<GeminiUsage>) {
  return geminiUsage({ ...nothing, ...usage })?.quantities ?? null;
}

describe('geminiUsage', () => {
  it('is null when nothing was counted, as when only the traffic type is said', () => {
    expect(quantities({})).toBeNull();
  });

  it('leaves out what vanished instead of saying 0', () => {
    expect(quantities({ promptTokenCount: 14 })).toEqual({ input_token: 14 });
    expect(quantities({ promptTokenCount: 14, thoughtsTokenCount: 2 })).toEqual({
      input_token: 14,
      reasoning_token: 2,
    });
    expect(quantities({ promptTokenCount: 0, candidatesTokenCount: 0 })).toEqual({ input_token: 0, output_token: 0 });
  });

  it('takes the cached tokens out of the prompt and adds the prompts of tools', () => {
    expect(quantities({ promptTokenCount: 9_622, cachedContentTokenCount: 9_609, toolUsePromptTokenCount: 5 })).toEqual(
      {
        input_token: 18,
        cached_input_token: 9_609,
      },
    );
  });

  it('separates the modalities, without what of them was cached', () => {
    expect(
      quantities({
        promptTokenCount: 17_713,
        cachedContentTokenCount: 17_379,
        promptTokensDetails: counts(['TEXT', 16], ['VIDEO', 15_780], ['AUDIO', 1_917]),
        cacheTokensDetails: counts(['AUDIO', 1_881], ['TEXT', 15], ['VIDEO', 15_483]),
      }),
    ).toEqual({
      input_token: 1,
      input_audio_token: 36,
      input_image_token: 297,
      cached_input_token: 15_498,
      cached_input_audio_token: 1_881, // has a price of its own
    });
  });

  it.each([
    [{ serviceTier: 'flex' }, 'flex'],
    [{ serviceTier: 'SERVICE_TIER_PRIORITY' }, 'priority'],
    [{ trafficType: 'ON_DEMAND_FLEX' }, 'flex'],
    [{ trafficType: 'ON_DEMAND' }, 'standard'],
    [{ trafficType: 'PROVISIONED_THROUGHPUT' }, 'provisioned_throughput'],
    [{}, undefined],
  ])('says by which service tier it was served: %j', (said, serviceTier) => {
    expect(geminiUsage({ promptTokenCount: 1, ...said })?.serviceTier).toBe(serviceTier);
  });

  it('takes cached tokens without details from the cheapest first, and never counts below 0', () => {
    const promptTokensDetails = counts(['TEXT', 100], ['IMAGE', 50], ['AUDIO', 200]);
    expect(quantities({ promptTokenCount: 350, cachedContentTokenCount: 80, promptTokensDetails })).toMatchObject({
      input_token: 20,
      input_image_token: 50,
      input_audio_token: 200,
    });
    expect(quantities({ promptTokenCount: 350, cachedContentTokenCount: 330, promptTokensDetails })).toMatchObject({
      input_token: 0,
      input_image_token: 0,
      input_audio_token: 20,
    });
  });

  it('bills nothing twice when details are missing or contradict the totals', () => {
    const cacheTokensDetails = counts(['AUDIO', 60]);
    expect(quantities({ promptTokenCount: 100, cachedContentTokenCount: 60, cacheTokensDetails })).toEqual({
      input_token: 40,
      cached_input_token: 0,
      cached_input_audio_token: 60,
    });
    const promptTokensDetails = counts(['AUDIO', 70], ['IMAGE', 80]);
    expect(quantities({ promptTokenCount: 100, promptTokensDetails })).toEqual({
      input_token: 0,
      input_audio_token: 70,
      input_image_token: 30,
    });
    const candidatesTokensDetails = counts(['IMAGE', 90], ['AUDIO', 90]);
    expect(quantities({ candidatesTokenCount: 100, candidatesTokensDetails })).toEqual({
      output_token: 0,
      output_image_token: 90,
      output_audio_token: 10,
    });
  });

  it('bills what the details of the prompt do not explain as text', () => {
    expect(quantities({ promptTokenCount: 257, promptTokensDetails: counts(['TEXT', 196]) })).toEqual({
      input_token: 257,
    });
  });

  it('separates images and audio from the text of an answer', () => {
    expect(quantities({ candidatesTokenCount: 1_336, candidatesTokensDetails: counts(['IMAGE', 1_290]) })).toEqual({
      output_token: 46,
      output_image_token: 1_290,
    });
    expect(quantities({ candidatesTokenCount: 111, candidatesTokensDetails: counts(['AUDIO', 111]) })).toEqual({
      output_token: 0,
      output_audio_token: 111,
    });
  });
});
