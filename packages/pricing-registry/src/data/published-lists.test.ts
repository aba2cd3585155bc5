import type { BillingUnit, Priced } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { createRegistry } from '../registry.js';
import { builtInAliases, builtInCurrencies, builtInPrices, builtInServiceTiers } from './index.js';

// The price lists as their publishers print them, per million tokens, and every bill worked out from them: quantity ×
// price × 1,000 nano-USD, in CNY also × 0.1433525, rounded up. `≤32K` is the inclusive end of a tier; the last has none.

const registry = createRegistry({
  prices: builtInPrices,
  currencies: builtInCurrencies,
  aliases: builtInAliases,
  serviceTiers: builtInServiceTiers,
});
const november = Date.UTC(2026, 10, 23);

/** LiteLLM's file of 2026-07-24: Singapore, USD. */
const singapore = `
  qwen-coder: 0.3 / 1.5
  qwen-flash: ≤256K 0.05 / 0.4 | 0.25 / 2
  qwen-max: 1.6 / 6.4
  qwen-plus: 0.4 / 1.2
  qwen-plus-latest: ≤256K 0.4 / 1.2 think 4 | 1.2 / 3.6 think 12
  qwen-turbo: 0.05 / 0.2 think 0.5
  qwen-turbo-latest: 0.05 / 0.2 think 0.5
  qwen3-coder-flash: ≤32K 0.3 / 1.5 cached 0.08 | ≤128K 0.5 / 2.5 cached 0.12 | ≤256K 0.8 / 4 cached 0.2 | 1.6 / 9.6 cached 0.4
  qwen3-coder-plus: ≤32K 1 / 5 cached 0.1 | ≤128K 1.8 / 9 cached 0.18 | ≤256K 3 / 15 cached 0.3 | 6 / 60 cached 0.6
  qwen3-max-preview: ≤32K 1.2 / 6 | ≤128K 2.4 / 12 | 3 / 15
  qwen3-max: ≤32K 1.2 / 6 | ≤128K 2.4 / 12 | 3 / 15
  qwen3-next-80b-a3b-instruct: 0.15 / 1.2
  qwen3-next-80b-a3b-thinking: 0.15 / 1.2
  qwen3-vl-235b-a22b-instruct: 0.4 / 1.6
  qwen3-vl-235b-a22b-thinking: 0.4 / 4
  qwen3-vl-32b-instruct: 0.16 / 0.64
  qwen3-vl-32b-thinking: 0.16 / 2.87
  qwen3-vl-plus: ≤32K 0.2 / 1.6 | ≤128K 0.3 / 2.4 | 0.6 / 4.8
  qwen3.5-plus: ≤256K 0.4 / 2.4 | 0.5 / 3
  qwq-plus: 0.8 / 2.4
`;

/** models.dev of 2026-07-02, provider alibaba: what the list above does not name; first tiers. Vercel's gateway: qwen3.8. */
const singaporeMore = `
  qwen3.7-max: 2.5 / 7.5 cached 0.5 write 3.125
  qwen3.7-plus: ≤256K 0.5 / 3.0 cached 0.05 write 0.625 | 2.0 / 6.0 cached 0.2 write 2.5
  qwen3.6-max-preview: 1.3 / 7.8 cached 0.13 write 1.625
  qwen3.6-plus: ≤256K 0.5 / 3.0 cached 0.05 write 0.625 | 2.0 / 6.0 cached 0.2 write 2.5
  qwen3.6-flash: 0.1875 / 1.125 write 0.234375
  qwen-plus: 0.4 / 1.2 think 4
  qwen-turbo: 0.05 / 0.2 think 0.5
  qwen-vl-max: 0.8 / 3.2
  qwen-vl-plus: 0.21 / 0.63
  qwen3-vl-plus: 0.2 / 1.6
  qwen3-omni-flash: 0.43 / 1.66
  qwen-omni-turbo: 0.07 / 0.27
  qwen3-32b: 0.7 / 2.8 think 8.4
  qwen3-235b-a22b: 0.7 / 2.8 think 8.4
  qwen3.8-max: 2 / 6
  qwen3.8-flash: 0.15 / 0.47
`;

/** Dify's plugin of 2026-08-21: Beijing, CNY. Without qwen-turbo, whose output it lists at the thinking price. */
const beijing = `
  qvq-max: 1.6 / 4
  qwen-coder-turbo: 2 / 6
  qwen-flash: ≤128K 0.15 / 1.5 | ≤256K 0.6 / 6 | 1.2 / 12
  qwen-long: 0.5 / 2
  qwen-math-plus-latest: 4 / 12
  qwen-math-plus: 4 / 12
  qwen-math-turbo: 2 / 6
  qwen-max-longcontext: 40 / 120
  qwen-max: 2.4 / 9.6
  qwen-mt-plus: 1.8 / 5.4
  qwen-mt-turbo: 0.7 / 1.95
  qwen-plus-chat: 4 / 12
  qwen-plus-latest: ≤128K 0.8 / 2 | ≤256K 2.4 / 20 | 4.8 / 48
  qwen-plus: ≤128K 0.8 / 2 | ≤256K 2.4 / 20 | 4.8 / 48
  qwen-turbo-chat: 2 / 6
  qwen-vl-max: 1.6 / 4
  qwen-vl-plus: 0.8 / 2
  qwen3-14b: 1 / 4 think 10
  qwen3-235b-a22b: 2 / 8 think 20
  qwen3-30b-a3b: 0.75 / 3 think 15
  qwen3-32b: 2 / 8 think 20
  qwen3-8b: 0.5 / 2 think 5
  qwen3-coder-30b-a3b-instruct: 1.5 / 6
  qwen3-coder-480b-a35b-instruct: 6 / 24
  qwen3-coder-plus: ≤32K 4 / 16 | ≤128K 6 / 24 | ≤256K 10 / 40 | 20 / 200
  qwen3-max-preview: ≤32K 6 / 24 | ≤128K 10 / 40 | 15 / 60
  qwen3-max: ≤32K 6 / 24 | ≤128K 10 / 40 | 15 / 60
  qwen3-next-80b-a3b-instruct: 1 / 4
  qwen3-next-80b-a3b-thinking: 1 / 10 think 40
  qwen3-vl-235b-a22b-instruct: 2 / 8
  qwen3-vl-235b-a22b-thinking: 2 / 20
  qwen3-vl-30b-a3b-instruct: 0.75 / 3
  qwen3-vl-30b-a3b-thinking: 0.75 / 7.5
  qwen3-vl-flash: 0.5 / 2
  qwen3-vl-plus: ≤32K 1 / 10 | ≤128K 1.5 / 15 | 3 / 30
  qwen3.5-flash: 0.2 / 2
  qwen3.5-plus: 0.8 / 4.8
  qwen3.6-flash: 1.2 / 7.2
  qwen3.6-plus: 2 / 12
  qwen3.7-max: 12 / 36
  qwen3.7-plus: 2 / 8
  qwen3.8-max: 12 / 36
  qwq-plus: 1.6 / 4
`;

/** models.dev of 2026-07-02, provider alibaba-cn: Beijing in USD, what Dify does not name. */
const beijingInUsd = `
  qwen3.6-max-preview: 1.32 / 7.9 cached 0.132
  qwen3-omni-flash: 0.058 / 0.23
  qwen-omni-turbo: 0.058 / 0.23
  qwen3-coder-flash: 0.144 / 0.574
`;

/** genai-prices of 2026-08-21, LiteLLM and models.dev: Gemini, USD. */
const gemini = `
  gemini-4-argon: 2 / 10 cached 0.10
  gemini-3.8-flash: 0.75 / 3.75 cached 0.075
  gemini-3.7-flash: 0.75 / 3.75 cached 0.075
  gemini-3.6-flash: 0.75 / 3.75 cached 0.075
  gemini-3.5-flash: 1.50 / 9 cached 0.15 audio 1.50
  gemini-3.5-flash-lite: 0.30 / 2.50 cached 0.03 audio 0.30
  gemini-3.1-flash-lite: 0.25 / 1.50 cached 0.025 audio 0.50
  gemini-3.1-pro-preview: ≤200K 2 / 12 cached 0.20 | 4 / 18 cached 0.40
  gemini-3-flash-preview: 0.50 / 3 cached 0.05 audio 1
  gemini-2.5-pro: ≤200K 1.25 / 10 cached 0.125 | 2.50 / 15 cached 0.25
  gemini-2.5-flash: 0.30 / 2.50 cached 0.03 audio 1
  gemini-2.5-flash-lite: 0.10 / 0.40 cached 0.01 audio 0.30
  gemini-2.5-flash-image: 0.30 / 2.50 picture 30
  gemini-3.1-flash-lite-image: 0.25 / 1.50 picture 30
  gemini-3.1-flash-image: 0.50 / 3 picture 60
  gemini-3-pro-image: 2 / 12 picture 120
`;

/** The same from the day on which prices change. */
const geminiFrom = {
  '2026-12-01': 'gemini-4-argon: 4 / 20 cached 0.20',
  '2027-01-01': `
  gemini-3.8-flash: 1.50 / 7.50
  gemini-3.7-flash: 1.50 / 7.50 cached 0.15
  gemini-3.6-flash: 1.50 / 7.50 cached 0.15`,
};

interface Tier {
  readonly upTo: number | null;
  readonly prices: Readonly<Record<string, string>>;
}

function tablesOf(text: string): readonly (readonly [model: string, tiers: readonly Tier[]])[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [model = '', list = ''] = line.trim().split(': ');
      return [model, list.split(' | ').map(tierOf)] as const;
    });
}

function tierOf(text: string): Tier {
  const [, end, input = '', output = '', others = ''] = /^(?:≤(\d+)K )?([\d.]+) \/ ([\d.]+)(.*)$/.exec(text) ?? [];
  const more = [...others.matchAll(/ (\w+) ([\d.]+)/g)].map(([, unit = '', price = '']) => [unit, price]);
  return {
    upTo: end === undefined ? null : Number(end) * 1_000,
    prices: { in: input, out: output, ...Object.fromEntries(more) },
  };
}

/** Micro-dollars per token are dollars per million: six digits behind the point, and seven of the exchange rate. */
function nanoUsdOf(quantity: number, price: string, currency: 'USD' | 'CNY'): number {
  const [whole = '', fraction = ''] = price.split('.');
  const micro = BigInt(whole + fraction.padEnd(6, '0'));
  const rate = currency === 'USD' ? 10_000_000n : 1_433_525n;
  const divisor = 10_000_000n * 1_000n;
  return Number((BigInt(quantity) * micro * rate + divisor - 1n) / divisor);
}

function bill(name: string, quantities: Partial<Record<BillingUnit, number>>, atMs = november): Priced | null {
  const [provider = '', model = '', region = ''] = name.split(/[/@]/);
  const usage = { quantities, unknown: false, source: 'provider' as const };
  return registry.price({ provider, model, region, atMs, usage });
}

const units: Readonly<Record<string, BillingUnit>> = {
  out: 'output_token',
  think: 'reasoning_token',
  cached: 'cached_input_token',
  write: 'cache_write_token',
  audio: 'input_audio_token',
  picture: 'output_image_token',
};

/** At both ends of every tier: one unit beside the input that picks it. */
function check(provider: string, region: string, currency: 'USD' | 'CNY', text: string, atMs = november): void {
  it.each(tablesOf(text))(`${provider}/%s@${region}`, (model, tiers) => {
    let from = 1;
    for (const { upTo, prices } of tiers) {
      for (const total of [from, upTo ?? from + 999]) {
        for (const [name, price] of Object.entries(prices)) {
          const unit = units[name];
          const isInput = unit !== undefined && ['cached', 'write', 'audio'].includes(name);
          const input = isInput ? total - 1 : total;
          const expected =
            nanoUsdOf(input, prices['in'] ?? '', currency) +
            (unit === undefined ? 0 : nanoUsdOf(isInput ? 1 : 777, price, currency));
          const quantities = { input_token: input, ...(unit !== undefined && { [unit]: isInput ? 1 : 777 }) };
          const priced = bill(`${provider}/${model}@${region}`, quantities, atMs);
          expect([name, total, priced?.totalNanoUsd]).toEqual([name, total, expected]);
        }
      }
      from = (upTo ?? 0) + 1;
    }
  });
}

describe('published lists', () => {
  check('qwen', 'sg', 'USD', singapore);
  check('qwen', 'sg', 'USD', singaporeMore);
  check('qwen', 'cn', 'CNY', beijing);
  check('qwen', 'cn', 'USD', beijingInUsd);
  check('gemini', 'global', 'USD', gemini);
  for (const [day, text] of Object.entries(geminiFrom)) {
    const changeMs = Date.parse(`${day}T00:00:00Z`);
    describe(`from ${day}`, () => check('gemini', 'global', 'USD', text, changeMs));
    describe(`a millisecond before ${day}`, () => {
      const names = tablesOf(text).map(([model]) => model);
      const lines = gemini.split('\n').filter((line) => names.some((name) => line.includes(`${name}:`)));
      check('gemini', 'global', 'USD', lines.join('\n'), changeMs - 1);
    });
  }
});

describe('units that are no tokens', () => {
  it.each([
    // 10,000 characters cost CNY 0.8 in Beijing (× 0.1433525) and USD 0.10 in Singapore
    ['qwen/qwen3-tts-flash@cn', { character: 10_000 }, 114_682_000],
    ['qwen/qwen3-tts-flash@sg', { character: 10_000 }, 100_000_000],
    // one: 80,000 × 0.1433525 = 11,468.2, rounded up
    ['qwen/qwen3-tts-flash@cn', { character: 1 }, 11_469],
    // CNY 1 and 2 for 10,000
    ['qwen/cosyvoice-v3-flash@cn', { character: 10_000 }, 143_352_500],
    ['qwen/cosyvoice-v3-plus@cn', { character: 10_000 }, 286_705_000],
    // USD 0.000032 and 0.000035 a second; a started one is whole
    ['qwen/qwen3-asr-flash@cn', { audio_second: 1 }, 32_000],
    ['qwen/qwen3-asr-flash@sg', { audio_second: 59.01 }, 60 * 35_000],
    // USD 0.113 / 0.382 and 0.15 / 0.47 per million tokens
    ['qwen/qwen-audio-3.1-asr-flash-filetrans@cn', { input_token: 1_000, output_token: 1_000 }, 113_000 + 382_000],
    ['qwen/qwen-audio-3.1-asr-flash-filetrans@sg', { input_token: 1_000, output_token: 1_000 }, 150_000 + 470_000],
    // CNY 0.20, 0.50 and 0.06 a picture
    ['qwen/qwen-image-plus@cn', { image: 1 }, 28_670_500],
    ['qwen/qwen-image-2.0@cn', { image: 3 }, 86_011_500],
    ['qwen/qwen-image-max@cn', { image: 1 }, 71_676_250],
    ['qwen/qwen-image-2.0-pro@cn', { image: 2 }, 143_352_500],
    ['qwen/wanx-sketch-to-image-lite@cn', { image: 1 }, 8_601_150],
    // USD 3.584 and 7.168, 3.81 and 15.11, 4.44 and 8.89 per million tokens of sound
    ['qwen/qwen3-omni-flash@cn', { input_audio_token: 1_000, output_audio_token: 1_000 }, 3_584_000 + 7_168_000],
    ['qwen/qwen3-omni-flash@sg', { input_audio_token: 1_000, output_audio_token: 1_000 }, 3_810_000 + 15_110_000],
    ['qwen/qwen-omni-turbo@sg', { input_audio_token: 1_000, output_audio_token: 1_000 }, 4_440_000 + 8_890_000],
    // sound: 10 and 20 USD per million tokens
    [
      'gemini/gemini-2.5-flash-preview-tts@global',
      { input_token: 1_000, output_audio_token: 250 },
      500_000 + 2_500_000,
    ],
    [
      'gemini/gemini-2.5-pro-preview-tts@global',
      { input_token: 1_000, output_audio_token: 250 },
      1_000_000 + 5_000_000,
    ],
    ['gemini/gemini-3.1-flash-tts-preview@global', { output_audio_token: 25 }, 500_000],
    // cached sound has a price of its own
    ['gemini/gemini-2.5-flash@global', { cached_input_audio_token: 1_000 }, 100_000],
    ['gemini/gemini-3-flash-preview@global', { cached_input_audio_token: 1_000 }, 100_000],
    ['gemini/gemini-2.5-flash-lite@global', { cached_input_audio_token: 1_000 }, 30_000],
    // 0.15; 0.20, pictures 0.45, sound 6.5, video 12
    ['gemini/gemini-embedding-001@global', { input_token: 1_000 }, 150_000],
    [
      'gemini/gemini-embedding-2@global',
      { input_token: 10, input_image_token: 10, input_audio_token: 10, input_video_token: 10 },
      2_000 + 4_500 + 65_000 + 120_000,
    ],
    // 0.02, 0.04 and 0.06 a picture
    ['gemini/imagen-4.0-fast-generate-001@global', { image: 4 }, 80_000_000],
    ['gemini/imagen-4.0-generate-001@global', { image: 1 }, 40_000_000],
    ['gemini/imagen-4.0-ultra-generate-001@global', { image: 1 }, 60_000_000],
  ])('%s %j', (name, quantities, nanoUsd) => {
    expect(bill(name, quantities)?.totalNanoUsd).toBe(nanoUsd);
  });
});

describe('the cache of DashScope where a list does not state it', () => {
  it.each([
    // 20 % and 125 % of 0.4: 80 and 500 nano-USD a token
    ['qwen/qwen-plus@sg', 1_000, 80_000, 500_000],
    // of 1.2, beyond 256K
    ['qwen/qwen-plus@sg', 256_001, 61_440_240, 384_001_500],
    // of 6 CNY: 1.2 and 7.5 × 143,352.5
    ['qwen/qwen3-max@cn', 1_000, 172_023, 1_075_144],
    // of 2 USD
    ['qwen/qwen3.8-max@sg', 1_000, 400_000, 2_500_000],
  ])('%s: %d hits and as many writes', (name, tokens, hits, writes) => {
    expect(bill(name, { cached_input_token: tokens })?.totalNanoUsd).toBe(hits);
    expect(bill(name, { cache_write_token: tokens })?.totalNanoUsd).toBe(writes);
  });
});

it('a mixed bill of chat, picture and sound is the sum of its lines to the nano-dollar', () => {
  const bills = [
    bill('gemini/gemini-2.5-flash@global', {
      input_token: 1_111,
      cached_input_token: 222,
      output_token: 33,
      reasoning_token: 4,
    }),
    bill('gemini/gemini-3-pro-image@global', { input_token: 9, output_image_token: 1_120, output_token: 96 }),
    bill('qwen/qwen3-asr-flash@sg', { audio_second: 61 }),
    bill('qwen/qwen3-tts-flash@cn', { character: 195 }),
    bill('qwen/qwen-image-plus@cn', { image: 1 }),
  ];
  // 1,111 × 300 + 222 × 30 + 33 × 2,500 + 4 × 2,500 = 432,460; 9 × 2,000 + 1,120 × 120,000 + 96 × 12,000 = 135,570,000;
  // 61 × 35,000 = 2,135,000; 195 × 80,000 × 0.1433525 = 2,236,299; 200,000,000 × 0.1433525 = 28,670,500
  expect(bills.map((each) => each?.totalNanoUsd)).toEqual([432_460, 135_570_000, 2_135_000, 2_236_299, 28_670_500]);
  const lines = bills.flatMap((each) => each?.lines ?? []);
  expect(lines).toHaveLength(10);
  expect(lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0)).toBe(169_044_259);
});
