import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { Tokenizer } from '../spec/tokenizer.js';

const request = { prompt: 'Hi there', maxOutputTokens: 10 };

async function worstCaseWith(tokenizers: readonly Tokenizer[]) {
  const vibe = createVibe({ plugins: [scripted(says('fine')), testPrices, tokenizers] });
  return (await vibe.estimate(request)).worstCaseUsd;
}

const counting = (count: Tokenizer['count']): Tokenizer => ({ kind: 'tokenizer', matches: () => true, count });

describe('a tokenizer', () => {
  it('is believed: its count takes the place of the bound, rounded up', async () => {
    expect(await worstCaseWith([counting(() => 3)])).toBe((3 * 1_000 + 10 * 2_000) / 1e9);
    expect(await worstCaseWith([counting(async () => 2.5)])).toBe((3 * 1_000 + 10 * 2_000) / 1e9);
  });

  it.each([
    ['NaN', () => Number.NaN],
    ['less than nothing', () => -100],
    ['no end', () => Number.POSITIVE_INFINITY],
    ['nothing at all', () => undefined as unknown as number],
    ['a text', () => '1' as unknown as number],
    ['NaN, later', async () => Number.NaN],
    [
      'an error',
      () => {
        throw new Error('no vocabulary');
      },
    ],
    ['an error, later', () => Promise.reject(new Error('no vocabulary'))],
  ])('leaves the bound as it is when it counts %s', async (_, count) => {
    expect(await worstCaseWith([counting(count)])).toBe(await worstCaseWith([]));
  });

  it('leaves the bound as it is when it cannot say for whom it counts', async () => {
    const lost: Tokenizer = {
      kind: 'tokenizer',
      matches: () => {
        throw new Error('which model?');
      },
      count: () => 1,
    };
    expect(await worstCaseWith([lost])).toBe(await worstCaseWith([]));
  });
});
