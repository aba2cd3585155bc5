import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalText } from './decimal-text.js';
import type { FormatQuestion } from './formats.js';
import { readGenaiPrices } from './genai-prices.js';
import { readLiteLlm } from './litellm.js';
import { readModelsDev } from './models-dev.js';

const question: FormatQuestion = { also: null, today: '2026-11-22' };

describe('decimalText', () => {
  it.each([
    [3e-7, 6, '0.3'],
    [1.25e-6, 6, '1.25'],
    [0.00001, 6, '10'],
    [1.25, 0, '1.25'],
    [30, 0, '30'],
    [0, 6, '0'],
    [0.143353, 0, '0.143353'],
    ['0.30', 0, '0.3'],
    [2e-9, 0, '0.000000002'],
  ])('reads %s, shifted by %d digits, as %s', (value, shift, text) => {
    expect(decimalText(value, shift)).toBe(text);
  });

  it.each([undefined, null, -1, Number.NaN, Number.POSITIVE_INFINITY, 'free', '', {}, '1e400'])(
    'takes %s for no price',
    (value) => {
      expect(decimalText(value)).toBeNull();
    },
  );

  it('moves digits without rounding', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 9 }), (value, shift) => {
        const text = decimalText(value, shift);
        if (text === null) return;
        expect(text).toMatch(/^(0|[1-9]\d*)(\.\d*[1-9])?$/);
        const expected = value * 10 ** shift;
        expect(Math.abs(Number(text) - expected)).toBeLessThanOrEqual(expected * 1e-12);
      }),
    );
  });
});

describe('models.dev', () => {
  const file = {
    google: {
      models: {
        'gemini-x': {
          cost: { input: 1.25, output: 10, cache_read: 0.125, context_over_200k: { input: 2.5, output: 15 } },
        },
      },
    },
    'alibaba-cn': {
      models: {
        'qwen-y': { cost: { input: 0.5, output: 3, tiers: [{ tier: { size: 256_000 }, input: 2, output: 6 }] } },
        free: {},
      },
    },
    elsewhere: { models: { z: { cost: { input: 1 } } } },
  };

  it('has tiers, and other regions under other names', () => {
    const { prices, skipped } = readModelsDev(file, question);
    expect(
      prices.map(({ provider, model, region, unit, price, tier }) => [provider, model, region, unit, price, tier]),
    ).toEqual([
      ['gemini', 'gemini-x', 'global', 'input_token', '1.25', { fromTokens: 0, toTokens: 200_000 }],
      ['gemini', 'gemini-x', 'global', 'output_token', '10', { fromTokens: 0, toTokens: 200_000 }],
      ['gemini', 'gemini-x', 'global', 'cached_input_token', '0.125', { fromTokens: 0, toTokens: 200_000 }],
      ['gemini', 'gemini-x', 'global', 'input_token', '2.5', { fromTokens: 200_001, toTokens: null }],
      ['gemini', 'gemini-x', 'global', 'output_token', '15', { fromTokens: 200_001, toTokens: null }],
      ['gemini', 'gemini-x', 'global', 'cached_input_token', '0.125', { fromTokens: 200_001, toTokens: null }],
      ['qwen', 'qwen-y', 'cn', 'input_token', '0.5', { fromTokens: 0, toTokens: 256_000 }],
      ['qwen', 'qwen-y', 'cn', 'output_token', '3', { fromTokens: 0, toTokens: 256_000 }],
      ['qwen', 'qwen-y', 'cn', 'input_token', '2', { fromTokens: 256_001, toTokens: null }],
      ['qwen', 'qwen-y', 'cn', 'output_token', '6', { fromTokens: 256_001, toTokens: null }],
    ]);
    expect(skipped).toEqual(['alibaba-cn/free: no cost']);
  });

  it('takes a provider that has no place here only when told whose it is', () => {
    const also = { name: 'elsewhere', place: { provider: 'acme', region: 'eu' } };
    const { prices } = readModelsDev(file, { ...question, also });
    expect(prices.at(-1)).toMatchObject({ provider: 'acme', region: 'eu', model: 'z', price: '1', per: 1_000_000 });
  });
});

it('LiteLLM: prices per token, by the thousand and above 200k, per image and second', () => {
  const { prices, skipped } = readLiteLlm(
    {
      sample_spec: { litellm_provider: 'one of …' },
      'gemini/gemini-x': {
        litellm_provider: 'gemini',
        input_cost_per_token: 1.25e-6,
        input_cost_per_token_above_200k_tokens: 2.5e-6,
        input_cost_per_audio_token: 7e-7,
      },
      'dashscope/qwen-y': {
        litellm_provider: 'dashscope',
        tiered_pricing: [
          { range: [0, 32_000], input_cost_per_token: 1.2e-6, output_cost_per_token: 6e-6 },
          { range: [32_000, 128_000], input_cost_per_token: 2.4e-6, output_cost_per_token: 1.2e-5 },
        ],
      },
      'gemini/image-z': { litellm_provider: 'gemini', output_cost_per_image: 0.04 },
      'gemini/nothing': { litellm_provider: 'gemini', mode: 'chat' },
      'gpt-5': { litellm_provider: 'openai', input_cost_per_token: 1 },
    },
    question,
  );
  expect(prices.map(({ model, region, unit, price, per, tier }) => [model, region, unit, price, per, tier])).toEqual([
    ['gemini-x', 'global', 'input_token', '1.25', 1_000_000, { fromTokens: 0, toTokens: 200_000 }],
    ['gemini-x', 'global', 'input_audio_token', '0.7', 1_000_000, { fromTokens: 0, toTokens: 200_000 }],
    ['gemini-x', 'global', 'input_token', '2.5', 1_000_000, { fromTokens: 200_001, toTokens: null }],
    ['gemini-x', 'global', 'input_audio_token', '0.7', 1_000_000, { fromTokens: 200_001, toTokens: null }],
    ['qwen-y', 'sg', 'input_token', '1.2', 1_000_000, { fromTokens: 0, toTokens: 32_000 }],
    ['qwen-y', 'sg', 'output_token', '6', 1_000_000, { fromTokens: 0, toTokens: 32_000 }],
    ['qwen-y', 'sg', 'input_token', '2.4', 1_000_000, { fromTokens: 32_001, toTokens: null }],
    ['qwen-y', 'sg', 'output_token', '12', 1_000_000, { fromTokens: 32_001, toTokens: null }],
    ['image-z', 'global', 'image', '0.04', 1, undefined],
  ]);
  expect(skipped).toEqual(['gemini/nothing: no price']);
});

it('genai-prices: dated prices and tiers; what depends on the hour is left out', () => {
  const { prices, skipped } = readGenaiPrices(
    [
      {
        id: 'google',
        models: [
          {
            id: 'gemini-x',
            prices_checked: '2026-08-13',
            prices: [
              { constraint: { start_date: '2027-01-01' }, prices: { input_mtok: 1.5 } },
              { prices: { input_mtok: { base: 0.75, tiers: [{ start: 200_000, price: 1 }] } } },
            ],
          },
          { id: 'hourly', prices: [{ constraint: { start_time: '16:30:00Z' }, prices: { input_mtok: 1 } }] },
        ],
      },
    ],
    question,
  );
  const shared = {
    provider: 'gemini',
    region: 'global',
    model: 'gemini-x',
    unit: 'input_token',
    verifiedAt: '2026-08-13',
  };
  expect(prices).toEqual([
    expect.objectContaining({
      ...shared,
      price: '0.75',
      tier: { fromTokens: 0, toTokens: 200_000 },
      effectiveTo: '2027-01-01',
    }),
    expect.objectContaining({
      ...shared,
      price: '1',
      tier: { fromTokens: 200_001, toTokens: null },
      effectiveTo: '2027-01-01',
    }),
    expect.objectContaining({ ...shared, price: '1.5', effectiveFrom: '2027-01-01' }),
  ]);
  expect(skipped).toEqual(['google/hourly: its prices depend on the time of day']);
});
