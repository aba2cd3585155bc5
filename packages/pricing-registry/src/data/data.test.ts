import type { Priced, Usage } from '@vibe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkPrices } from '../check-prices.js';
import { createRegistry } from '../registry.js';
import { aliasRowSchema, fxRowSchema, priceRowSchema, serviceTierRowSchema } from '../schema.js';
import { builtInAliases, builtInCurrencies, builtInPrices, builtInServiceTiers } from './index.js';

const todayMs = Date.UTC(2026, 10, 22);
const registry = createRegistry({
  prices: builtInPrices,
  currencies: builtInCurrencies,
  aliases: builtInAliases,
  serviceTiers: builtInServiceTiers,
});

/** `qwen/qwen-plus@sg`, the quantities, when, and who served. */
function bill(name: string, quantities: Usage['quantities'], atMs = todayMs, servedModel?: string): Priced | null {
  const [, provider = '', model = '', region = ''] = /^(\w+)\/(.+)@(\w+)$/.exec(name) ?? [];
  const usage = { quantities, unknown: false, source: 'provider' as const };
  return registry.price({
    provider,
    model,
    region,
    atMs,
    usage,
    ...(servedModel === undefined ? {} : { servedModel }),
  });
}

const total = (...args: Parameters<typeof bill>) => bill(...args)?.totalNanoUsd ?? null;

describe('the built-in rows', () => {
  const priceRow = priceRowSchema.extend({
    id: z.string().regex(/^[a-z]+\/[a-z0-9.-]+\/[a-z]+\/[a-z_]+(:\d+-(\d+|up))?@\d{4}-\d{2}-\d{2}$/),
    provider: z.enum(['gemini', 'qwen']),
    region: z.enum(['cn', 'sg', 'us', 'hk', 'eu', 'jp', 'global']),
    currency: z.enum(['USD', 'CNY']),
  });

  it('have the documented form', () => {
    expect(z.array(priceRow).safeParse(builtInPrices).error).toBeUndefined();
    expect(z.array(fxRowSchema).safeParse(builtInCurrencies).error).toBeUndefined();
    expect(z.array(aliasRowSchema).safeParse(builtInAliases).error).toBeUndefined();
    expect(z.array(serviceTierRowSchema).safeParse(builtInServiceTiers).error).toBeUndefined();
  });

  it('have no gaps, overlaps, jumps or slips', () => {
    expect(checkPrices(builtInPrices)).toEqual([]);
  });

  it('survive JSON', () => {
    expect(JSON.parse(JSON.stringify(builtInPrices))).toEqual(builtInPrices);
  });

  it('hold a price for the model behind every alias, and none for the alias itself unless it is rerouted', () => {
    const priced = new Set(builtInPrices.map((row) => `${row.provider}/${row.model}`));
    for (const { provider, alias, model, kind } of builtInAliases) {
      expect(priced, `${alias} → ${model}`).toContain(`${provider}/${model}`);
      expect(priced.has(`${provider}/${alias}`), alias).toBe(kind === 'rerouted');
    }
    const names = builtInAliases.map(({ provider, alias, effectiveFrom }) => `${provider}/${alias}@${effectiveFrom}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('name their sources, without a path of any machine', () => {
    expect(builtInPrices.filter((row) => /\/(work|tmp|root|home)\//.test(row.source))).toEqual([]);
  });
});

describe('what can be priced today', () => {
  const chat = { input_token: 1, cached_input_token: 1, output_token: 1, reasoning_token: 1 };
  const qwen = [
    ...[
      'qwen-max',
      'qwen-plus',
      'qwen-flash',
      'qwen-turbo',
      'qwen3-max',
      'qwen3.5-plus',
      'qwen3.5-flash',
      'qwen3.6-plus',
    ],
    ...['qwen3.6-flash', 'qwen3.7-max', 'qwen3.7-plus', 'qwen3.8-max', 'qwen3-vl-plus', 'qwen3-coder-plus'],
    ...['qwen3-coder-flash', 'qwq-plus', 'qwen-vl-max', 'qwen-vl-plus', 'qwen3-omni-flash', 'qwen-plus-2025-07-28'],
  ];
  const gemini = [
    ...['gemini-4-argon', 'gemini-3.8-flash', 'gemini-3.7-flash', 'gemini-3.6-flash', 'gemini-3.5-flash'],
    ...['gemini-3.5-flash-lite', 'gemini-3.1-flash-lite', 'gemini-3.1-pro-preview', 'gemini-3-flash-preview'],
    ...['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-2.5-flash-image'],
    ...['gemini-3.1-flash-lite-image', 'gemini-3.1-flash-image', 'gemini-3-pro-image', 'gemini-2.5-flash-preview-tts'],
    ...['gemini-2.5-pro-preview-tts', 'gemini-3.1-flash-tts-preview', 'gemini-flash-latest'],
  ];
  const calls = [
    ...qwen.flatMap((model) => ['cn', 'sg', 'us', 'hk'].map((region) => `qwen/${model}@${region}`)),
    'qwen/qwen-long@cn',
    'qwen/qwen-plus-us@us',
    ...gemini.map((model) => `gemini/${model}@global`),
  ];

  it.each(calls)('%s: a chat with cache and thinking', (name) => {
    expect(total(name, chat)).toBeGreaterThan(0);
    expect(total(name, { input_token: 900_000 })).toBeGreaterThan(0);
  });

  it.each([
    'gemini/gemini-2.5-flash-preview-04-17@global',
    'qwen/qwen-plus-2099-01-01@cn',
    'qwen/qwen-long@sg',
    'gemini/gemini-2.0-flash@global',
  ])('%s: unknown, never free', (name) => {
    expect(bill(name, chat)).toBeNull();
  });
});

describe('Gemini by hand', () => {
  it('a cached, thinking chat on gemini-2.5-flash', () => {
    // promptTokenCount 9622, of which 9609 cached; 35 candidates, 136 thoughts.
    // 13 × 300 + 9609 × 30 + 35 × 2500 + 136 × 2500 = 3,900 + 288,270 + 87,500 + 340,000
    const quantities = { input_token: 13, cached_input_token: 9609, output_token: 35, reasoning_token: 136 };
    expect(total('gemini/gemini-2.5-flash@global', quantities)).toBe(719_670);
    expect(total('gemini/gemini-2.5-flash-preview-09-2025@global', quantities)).toBe(719_670);
    expect(total('gemini/anything@global', quantities, todayMs, 'models/gemini-2.5-flash')).toBe(719_670);
  });

  it('audio input at its own price: 119 tokens are 3.7 seconds', () => {
    // 119 × 1000 + 8 × 300
    expect(total('gemini/gemini-2.5-flash@global', { input_audio_token: 119, input_token: 8 })).toBe(121_400);
  });

  it.each([
    // Total input 199,999 / 200,000 / 200,001 with 50,000 of it cached, 1,000 output.
    // 149,999 × 1250 + 50,000 × 125 + 1,000 × 10,000
    [149_999, 187_498_750 + 6_250_000 + 10_000_000],
    // 150,000 × 1250 + …
    [150_000, 187_500_000 + 6_250_000 + 10_000_000],
    // 150,001 × 2500 + 50,000 × 250 + 1,000 × 15,000: everything moves
    [150_001, 375_002_500 + 12_500_000 + 15_000_000],
  ])('gemini-2.5-pro around 200,000 input tokens: %d and 50,000 cached', (input, nanoUsd) => {
    const quantities = { input_token: input, cached_input_token: 50_000, output_token: 1000 };
    expect(total('gemini/gemini-2.5-pro@global', quantities)).toBe(nanoUsd);
  });

  it.each([
    // Total input 199,999 / 200,000 / 200,001, all of it sound: one price for every modality of Pro models.
    ['gemini-2.5-pro', 199_999, 199_999 * 1_250],
    ['gemini-2.5-pro', 200_000, 200_000 * 1_250],
    ['gemini-2.5-pro', 200_001, 200_001 * 2_500],
    ['gemini-3.1-pro-preview', 200_000, 200_000 * 2_000],
    ['gemini-3.1-pro-preview', 200_001, 200_001 * 4_000],
  ])('%s with %d tokens of sound', (model, tokens, nanoUsd) => {
    expect(total(`gemini/${model}@global`, { input_audio_token: tokens })).toBe(nanoUsd);
  });

  it('sound for gemini-4-argon doubles with everything else', () => {
    const quantities = { input_audio_token: 1_000, cached_input_audio_token: 1_000 };
    const switchMs = Date.UTC(2026, 11, 1);
    expect(total('gemini/gemini-4-argon@global', quantities, switchMs - 1)).toBe(2_100_000);
    expect(total('gemini/gemini-4-argon@global', quantities, switchMs)).toBe(4_200_000);
  });

  it('pictures of gemini-3-pro-image by size: 0.134 USD up to 2K, 0.24 USD for 4K', () => {
    // 1120 × 120,000 and 2000 × 120,000
    expect(total('gemini/gemini-3-pro-image@global', { output_image_token: 1_120 })).toBe(134_400_000);
    expect(total('gemini/gemini-3-pro-image@global', { output_image_token: 2_000 })).toBe(240_000_000);
  });

  it('an image of 1,290 tokens costs 0.0387 USD, beside 46 tokens of text', () => {
    // 1290 × 30,000 + 46 × 2500
    const quantities = { output_image_token: 1290, output_token: 46 };
    expect(total('gemini/gemini-2.5-flash-image@global', quantities)).toBe(38_700_000 + 115_000);
  });

  it('searches beside the tokens: by the query from Gemini 3 on, by the prompt before', () => {
    expect(total('gemini/gemini-3.6-flash@global', { web_search: 2 })).toBe(28_000_000);
    expect(total('gemini/gemini-2.5-flash@global', { web_search: 1 })).toBe(35_000_000);
    expect(total('gemini/gemini-flash-latest@global', { web_search: 1 })).toBe(14_000_000);
  });

  it('speech of 111 audio tokens', () => {
    // 10 × 500 + 111 × 10,000
    const quantities = { input_token: 10, output_audio_token: 111 };
    expect(total('gemini/gemini-2.5-flash-preview-tts@global', quantities)).toBe(5000 + 1_110_000);
  });

  it('gemini-4-argon doubles at 2026-12-01, midnight UTC', () => {
    const quantities = { input_token: 1000, cached_input_token: 1000, output_token: 1000 };
    const switchMs = Date.UTC(2026, 11, 1);
    expect(total('gemini/gemini-4-argon@global', quantities, switchMs - 1)).toBe(2_000_000 + 100_000 + 10_000_000);
    expect(total('gemini/gemini-4-argon@global', quantities, switchMs)).toBe(4_000_000 + 200_000 + 20_000_000);
  });

  it.each(['gemini-3.6-flash', 'gemini-3.7-flash', 'gemini-3.8-flash'])('%s doubles at 2027-01-01', (model) => {
    const quantities = { input_token: 1000, cached_input_token: 1000, output_token: 1000 };
    const switchMs = Date.UTC(2027, 0, 1);
    expect(total(`gemini/${model}@global`, quantities, switchMs - 1)).toBe(750_000 + 75_000 + 3_750_000);
    expect(total(`gemini/${model}@global`, quantities, switchMs)).toBe(1_500_000 + 150_000 + 7_500_000);
  });

  it('a request for gemini-2.5-pro is billed as what serves it from 2026-12-01, and held at the dearer price before that is known', () => {
    const quantities = { input_token: 1000, output_token: 1000 };
    const switchMs = Date.UTC(2026, 11, 1);
    expect(total('gemini/gemini-2.5-pro@global', quantities, switchMs, 'gemini-3.8-flash')).toBe(750_000 + 3_750_000);
    expect(total('gemini/gemini-2.5-pro@global', quantities, switchMs)).toBe(1_250_000 + 10_000_000);
    const input = { input_token: 1000 };
    expect(total('gemini/gemini-2.5-pro@global', input, Date.UTC(2027, 0, 1))).toBe(1_500_000);
  });
});

describe('Qwen by hand', () => {
  it('a thinking request on qwen-plus in Singapore pays the thinking price for all its output', () => {
    // 1000 × 400 + (200 + 300) × 4000
    const quantities = { input_token: 1000, output_token: 200, reasoning_token: 300 };
    expect(total('qwen/qwen-plus@sg', quantities)).toBe(2_400_000);
    // 1000 × 400 + 200 × 1200
    expect(total('qwen/qwen-plus@sg', { input_token: 1000, output_token: 200 })).toBe(640_000);
  });

  it.each([
    // CNY 0.8 = 800 nano per token: 127,999 × 800 × 0.1433525 = 14,679,181.318
    [127_999, 14_679_182],
    // 128,000 × 800 × 0.1433525 = 14,679,296 exactly
    [128_000, 14_679_296],
    // CNY 2.4: 128,001 × 2400 × 0.1433525 = 44,038,232.046
    [128_001, 44_038_233],
  ])('qwen-plus in Beijing with %d input tokens, in CNY', (input, nanoUsd) => {
    expect(bill('qwen/qwen-plus@cn', { input_token: input })).toMatchObject({
      totalNanoUsd: nanoUsd,
      currency: 'CNY',
      fxRate: 0.1433525,
    });
  });

  it.each([
    ['qwen3-max@sg', 31_999, 31_999 * 1200],
    ['qwen3-max@sg', 32_000, 32_000 * 1200],
    ['qwen3-max@sg', 32_001, 32_001 * 2400],
    ['qwen3-max@sg', 128_000, 128_000 * 2400],
    ['qwen3-max@sg', 128_001, 128_001 * 3000],
    ['qwen-flash@sg', 256_000, 256_000 * 50],
    ['qwen-flash@sg', 256_001, 256_001 * 250],
  ])('%s with %d input tokens', (name, input, nanoUsd) => {
    expect(total(`qwen/${name}`, { input_token: input })).toBe(nanoUsd);
  });

  it('a hit and a write of the cache of qwen3.7-max in Singapore', () => {
    // 100 × 2500 + 1000 × 500 + 1000 × 3125 + 10 × 7500
    const quantities = { input_token: 100, cached_input_token: 1000, cache_write_token: 1000, output_token: 10 };
    expect(total('qwen/qwen3.7-max@sg', quantities)).toBe(250_000 + 500_000 + 3_125_000 + 75_000);
  });

  it('195 billed characters of speech', () => {
    // 195 × 0.10 / 10,000 USD; 195 × 0.8 / 10,000 CNY × 0.1433525 = 2,236,299 exactly
    expect(total('qwen/qwen3-tts-flash@sg', { character: 195 })).toBe(1_950_000);
    expect(total('qwen/qwen3-tts-flash@cn', { character: 195 })).toBe(2_236_299);
  });

  it('seconds of recognition', () => {
    expect(total('qwen/qwen3-asr-flash@sg', { audio_second: 60 })).toBe(60 * 35_000);
    expect(total('qwen/qwen3-asr-flash@cn', { audio_second: 60 })).toBe(60 * 32_000);
  });

  it('recognition of files, and speech that bills tokens', () => {
    // 60 × 0.00022 CNY × 0.1433525 = 1,892,253 exactly; 60 × 0.00008 × 0.1433525 = 688,092 exactly
    expect(total('qwen/fun-asr@cn', { audio_second: 60 })).toBe(1_892_253);
    expect(total('qwen/paraformer-v2@cn', { audio_second: 60 })).toBe(688_092);
    expect(total('qwen/fun-asr@sg', { audio_second: 60 })).toBe(60 * 35_000);
    // 10 × 230 + 100 × 1434
    expect(total('qwen/qwen-tts@cn', { input_token: 10, output_audio_token: 100 })).toBe(145_700);
  });

  it('a started second of sound is a whole one', () => {
    expect(total('qwen/qwen3-asr-flash@sg', { audio_second: 3.2 })).toBe(4 * 35_000);
  });

  it('four images in Beijing', () => {
    // 4 × 0.20 CNY × 0.1433525
    expect(total('qwen/qwen-image-plus@cn', { image: 4 })).toBe(114_682_000);
  });

  it('spoken answers at the audio price, which text never lends', () => {
    // 100 × 430 + 50 × 3810 + 20 × 1660 + 200 × 15,110
    const quantities = { input_token: 100, input_audio_token: 50, output_token: 20, output_audio_token: 200 };
    expect(total('qwen/qwen3-omni-flash@sg', quantities)).toBe(43_000 + 190_500 + 33_200 + 3_022_000);
    expect(bill('qwen/qwen-plus@sg', quantities)).toBeNull();
  });

  it('a region without a list of its own costs what Singapore costs, with low confidence', () => {
    const quantities = { input_token: 1000, output_token: 200 };
    expect(total('qwen/qwen-plus@hk', quantities)).toBe(total('qwen/qwen-plus@sg', quantities));
    const rates = registry.rates({ provider: 'qwen', model: 'qwen-plus', region: 'hk', atMs: todayMs });
    expect(new Set(rates.map((rate) => rate.confidence))).toEqual(new Set(['low']));
    expect(rates[0]?.priceId).toMatch(/^qwen\/qwen-plus\/hk\//);
  });
});

describe('any bill over the built-in list', () => {
  const targets = [...new Set(builtInPrices.map((row) => `${row.provider}/${row.model}@${row.region}`))];

  it('is the sum of its lines in whole nano-USD, and grows with the output', () => {
    const quantity = fc.nat(2_000_000);
    fc.assert(
      fc.property(
        fc.constantFrom(...targets),
        quantity,
        quantity,
        quantity,
        quantity,
        (name, input, cached, output, more) => {
          const quantities = { input_token: input, cached_input_token: cached, output_token: output };
          const priced = bill(name, quantities);
          if (priced === null) return;
          expect(priced.totalNanoUsd).toBe(priced.lines.reduce((sum, line) => sum + line.nanoUsd, 0));
          for (const line of priced.lines) expect(line.nanoUsd > 0 && Number.isSafeInteger(line.nanoUsd)).toBe(true);
          const longer = bill(name, { ...quantities, output_token: output + more });
          // Only what gave no words can lack a price for them, as an embedding does.
          if (longer === null) expect(output).toBe(0);
          else expect(longer.totalNanoUsd).toBeGreaterThanOrEqual(priced.totalNanoUsd);
        },
      ),
    );
  });
});
