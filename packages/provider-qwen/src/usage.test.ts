import { VibeError } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { qwenUsage } from './usage.js';

const quantities = (usage: Record<string, unknown>) => qwenUsage(usage)?.quantities ?? null;

describe('the bill of DashScope', () => {
  it.each<[string, Record<string, unknown>, Record<string, number> | null]>([
    ['nothing', {}, null],
    ['nothing but a total', { total_tokens: 9 }, null],
    ['native text', { input_tokens: 8, output_tokens: 40, total_tokens: 48 }, { input_token: 8, output_token: 40 }],
    ['input only', { input_tokens: 3 }, { input_token: 3 }],
    [
      'cached and thought',
      {
        input_tokens: 100,
        output_tokens: 50,
        prompt_tokens_details: { cached_tokens: 30, cache_creation_input_tokens: 20 },
        output_tokens_details: { reasoning_tokens: 45 },
      },
      { input_token: 50, cached_input_token: 30, cache_write_token: 20, output_token: 5, reasoning_token: 45 },
    ],
    [
      'media flat',
      { input_tokens: 100, output_tokens: 5, image_tokens: 60, audio_tokens: 10, video_tokens: 5 },
      { input_token: 25, input_image_token: 65, input_audio_token: 10, output_token: 5 },
    ],
    [
      'media twice are counted once',
      {
        input_tokens: 100,
        output_tokens: 5,
        image_tokens: 60,
        input_tokens_details: { image_tokens: 60, text_tokens: 40 },
      },
      { input_token: 40, input_image_token: 60, output_token: 5 },
    ],
    [
      'a cached image, which is billed once',
      {
        input_tokens: 1_000,
        output_tokens: 1,
        prompt_tokens_details: { cached_tokens: 896 },
        input_tokens_details: { image_tokens: 900, text_tokens: 100 },
      },
      { input_token: 0, cached_input_token: 896, input_image_token: 104, output_token: 1 },
    ],
    [
      'spoken answers',
      { input_tokens: 10, output_tokens: 90, output_tokens_details: { audio_tokens: 80, text_tokens: 10 } },
      { input_token: 10, output_token: 10, output_audio_token: 80 },
    ],
    [
      'more thoughts than output',
      { input_tokens: 1, output_tokens: 10, output_tokens_details: { reasoning_tokens: 11 } },
      { input_token: 1, output_token: 0, reasoning_token: 10 },
    ],
    [
      'compatible chats',
      { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } },
      { input_token: 7, cached_input_token: 3, output_token: 4 },
    ],
    [
      'seconds, whatever tokens stand beside them',
      { prompt_tokens: 42, completion_tokens: 12, seconds: 1 },
      { audio_second: 1 },
    ],
    ['a duration', { duration: 9 }, { audio_second: 9 }],
    ['characters', { characters: 195, input_tokens: 3, output_tokens: 4 }, { character: 195 }],
    ['pictures', { image_count: 2, width: 1664, height: 928 }, { image: 2 }],
    ['pictures of 2.0', { output_image_count: 1, output_width: 9 }, { image: 1 }],
    ['a picture that was not made', { image_count: 0 }, { image: 0 }],
    [
      'searches beside tokens',
      { input_tokens: 1, output_tokens: 2, plugins: { search: { count: 1, strategy: 'turbo' } } },
      { input_token: 1, output_token: 2, web_search: 1 },
    ],
    [
      'absent details',
      { input_tokens: 1, output_tokens: 2, prompt_tokens_details: null },
      { input_token: 1, output_token: 2 },
    ],
  ])('is read from %s', (_name, usage, expected) => {
    expect(quantities(usage)).toEqual(expected);
  });

  it('is unknown where one of two counts is missing', () => {
    for (const half of [{ input_tokens: 3 }, { input_tokens: null, output_tokens: 3 }, { prompt_tokens: 3 }])
      expect(qwenUsage(half)).toMatchObject({ unknown: true, source: 'partial' });
  });

  it('is known, and said by the provider', () => {
    expect(qwenUsage({ seconds: 1 })).toMatchObject({ unknown: false, source: 'provider' });
  });

  it.each([
    [{ seconds: '1' }, '$.usage.seconds'],
    [{ input_tokens: -1 }, '$.usage.input_tokens'],
    [{ input_tokens: 1, input_tokens_details: [] }, '$.usage.input_tokens_details'],
    [{ input_tokens: 1, prompt_tokens_details: { cached_tokens: '3' } }, '$.usage.prompt_tokens_details.cached_tokens'],
    [
      { output_tokens: 1, output_tokens_details: { reasoning_tokens: {} } },
      '$.usage.output_tokens_details.reasoning_tokens',
    ],
    [{ input_tokens: 1, plugins: { search: { count: 'many' } } }, '$.usage.plugins.search.count'],
  ])('names what it cannot read: %j', (usage, path) => {
    const read = () => qwenUsage(usage);
    expect(read).toThrow(path);
    expect(read).toThrow(VibeError);
  });
});
