import { describe, expect, it } from 'vitest';
import { chatUsage } from './usage.js';

function quantities(usage: Record<string, unknown>) {
  return chatUsage(usage)?.quantities ?? null;
}

describe('chatUsage', () => {
  it('takes cached, cache-write, audio and image tokens out of the input', () => {
    const prompt_tokens_details = {
      cached_tokens: 100,
      cache_creation_input_tokens: 20,
      audio_tokens: 30,
      image_tokens: 40,
      video_tokens: 5,
      text_tokens: 805,
    };
    expect(
      quantities({ prompt_tokens: 1000, completion_tokens: 1, total_tokens: 1001, prompt_tokens_details }),
    ).toEqual({
      input_token: 805,
      cached_input_token: 100,
      cache_write_token: 20,
      input_audio_token: 30,
      input_image_token: 45,
      output_token: 1,
    });
  });

  it('takes reasoning and audio tokens out of the output', () => {
    const completion_tokens_details = { reasoning_tokens: 60, audio_tokens: 10 };
    expect(
      quantities({ prompt_tokens: 5, completion_tokens: 100, total_tokens: 105, completion_tokens_details }),
    ).toEqual({
      input_token: 5,
      output_token: 30,
      reasoning_token: 60,
      output_audio_token: 10,
    });
  });

  it('counts tokens of the total that are in neither as reasoning beside the output', () => {
    const completion_tokens_details = { reasoning_tokens: 196 };
    const named = { prompt_tokens: 291, completion_tokens: 26, total_tokens: 513, completion_tokens_details };
    expect(quantities(named)).toEqual({ input_token: 291, output_token: 26, reasoning_token: 196 });
    const unnamed = { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 };
    expect(quantities(unnamed)).toEqual({ input_token: 35, output_token: 12, reasoning_token: 62 });
  });

  it('never counts more output than is billed', () => {
    const completion_tokens_details = { reasoning_tokens: 11 };
    expect(
      quantities({ prompt_tokens: 43, completion_tokens: 10, total_tokens: 53, completion_tokens_details }),
    ).toEqual({
      input_token: 43,
      output_token: 0,
      reasoning_token: 10,
    });
  });

  it.each([{ cached_tokens: 3 }, { prompt_cache_hit_tokens: 3 }])(
    'finds cached tokens outside of the details: %j',
    (cached) => {
      expect(quantities({ prompt_tokens: 10, completion_tokens: 1, ...cached })).toMatchObject({
        input_token: 7,
        cached_input_token: 3,
      });
    },
  );

  it('bills nothing twice when shares overlap: cached tokens are taken from the text first', () => {
    const prompt_tokens_details = { cached_tokens: 896, image_tokens: 800, audio_tokens: 100 };
    expect(quantities({ prompt_tokens: 1000, completion_tokens: 1, prompt_tokens_details })).toEqual({
      input_token: 0,
      cached_input_token: 896,
      input_audio_token: 100,
      input_image_token: 4,
      output_token: 1,
    });
  });

  it('is unknown, and not 0, where one of two counts is missing', () => {
    expect(chatUsage({ prompt_tokens: null, completion_tokens: 4, total_tokens: 14 })).toEqual({
      quantities: { output_token: 4 },
      unknown: true,
      source: 'partial',
    });
    expect(chatUsage({ prompt_tokens: 10, completion_tokens: null, total_tokens: null })).toEqual({
      quantities: { input_token: 10 },
      unknown: true,
      source: 'partial',
    });
  });

  it('reads null details as details that were not given', () => {
    const nothing = { prompt_tokens_details: null, completion_tokens_details: null };
    expect(quantities({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, ...nothing })).toEqual({
      input_token: 3,
      output_token: 2,
    });
  });

  it('leaves out what was not said, and is null when nothing was', () => {
    expect(quantities({ prompt_tokens: 10 })).toEqual({ input_token: 10 });
    expect(quantities({ prompt_tokens: null, queue_time: 3 })).toBeNull();
    expect(quantities({})).toBeNull();
  });

  it('names the path of a count that is none', () => {
    expect(() => quantities({ prompt_tokens: '10' })).toThrow(
      /\$\.usage\.prompt_tokens: expected a number from 0, got string/,
    );
  });
});
