import type { Region } from '@vibe/core';
import { type PriceRow, priceIdOf } from '../rows.js';
import { type ListSpec, type Origin, priceRows, wholeOutput, withTypicalCache } from './author.js';

// Alibaba Cloud Model Studio, international (Singapore), USD. Same tier rule as Beijing: the whole request.

const litellm: Origin = {
  currency: 'USD',
  source: 'LiteLLM price file (RoCry/llm-api-price 8442b93); cache: anomalyco/models.dev alibaba',
  verifiedAt: '2026-07-24',
  confidence: 'high',
};
const modelsDev: Origin = {
  currency: 'USD',
  source: 'anomalyco/models.dev f3fc692 alibaba',
  verifiedAt: '2026-07-02',
  confidence: 'medium',
};
const modelPage: Origin = {
  currency: 'USD',
  source: 'alibabacloud.com/help/en/model-studio pages, noted in anomalyco/models.dev alibaba',
  verifiedAt: '2026-08-28',
  confidence: 'high',
};
const speech: Origin = {
  currency: 'USD',
  source: 'alibabacloud.com/help model-studio qwen-tts (ja)',
  verifiedAt: '2026-01-06',
  confidence: 'medium',
};
const recognition: Origin = {
  currency: 'USD',
  source: 'anomalyco/models.dev alibaba (0.035 per 1,000 s); OpenRouter; qwen-audio-3.0-asr-flash-filetrans page',
  verifiedAt: '2026-11-22',
  confidence: 'high',
};

const picture: Origin = {
  currency: 'USD',
  source: 'docs.empiriolabs.ai, a reseller in Singapore, naming the list price beside its own',
  verifiedAt: '2026-11-22',
  confidence: 'low',
};
const wan: Origin = {
  currency: 'USD',
  source: 'alibabacloud.com/help/en/model-studio/models, edition of 2025-12, not read again since',
  verifiedAt: '2025-12-15',
  confidence: 'low',
};

const qwenPlusTiers = [
  [256_000, { input_token: '0.4', output_token: '1.2', reasoning_token: '4' }],
  [null, { input_token: '1.2', output_token: '3.6', reasoning_token: '12' }],
] satisfies ListSpec['tiers'];

const flagships: readonly PriceRow[] = [
  ...list(
    'qwen3.8-max',
    {
      currency: 'USD',
      source: "vercel AI gateway; dev.to (qwen 3.8 API); docs.apiyi.com quoting Alibaba's price",
      verifiedAt: '2026-08-04',
      confidence: 'medium',
    },
    {
      flat: { input_token: '2', output_token: '6' },
      conflicts: ['docs.venice.ai (reseller): 2.5/7.5'],
    },
  ),
  ...list('qwen3.8-flash', modelPage, {
    flat: { input_token: '0.15', cached_input_token: '0.016', cache_write_token: '0.20', output_token: '0.47' },
  }),
  ...list('qwen3.7-max', modelsDev, {
    flat: { input_token: '2.5', cached_input_token: '0.5', cache_write_token: '3.125', output_token: '7.5' },
    conflicts: ['models.dev 5066c82 alibaba: 1.65/4.951, the Beijing list'],
  }),
  ...list('qwen3.7-plus', modelsDev, {
    tiers: [
      [256_000, { input_token: '0.5', cached_input_token: '0.05', cache_write_token: '0.625', output_token: '3' }],
      [null, { input_token: '2', cached_input_token: '0.2', cache_write_token: '2.5', output_token: '6' }],
    ],
    conflicts: ['models.dev 0654d77 alibaba and apidog (2026-06-03): 0.4/1.6 (cached 0.08), above 256K 1.2/4.8'],
  }),
  ...list('qwen3.7-flash', modelPage, {
    verifiedAt: '2026-09-22',
    tiers: [
      [32_000, { input_token: '0.03', output_token: '0.13' }],
      [256_000, { input_token: '0.10', output_token: '0.40' }],
      [null, { input_token: '0.20', output_token: '0.80' }],
    ],
  }),
  ...list('qwen3.6-max-preview', modelsDev, {
    tiers: [
      [128_000, { input_token: '1.3', cached_input_token: '0.13', cache_write_token: '1.625', output_token: '7.8' }],
      [null, { input_token: '2', cached_input_token: '0.2', cache_write_token: '2.5', output_token: '12' }],
    ],
  }),
  ...list('qwen3.6-plus', modelsDev, {
    confidence: 'high',
    tiers: [
      [256_000, { input_token: '0.5', cached_input_token: '0.05', cache_write_token: '0.625', output_token: '3' }],
      [null, { input_token: '2', cached_input_token: '0.2', cache_write_token: '2.5', output_token: '6' }],
    ],
  }),
  ...list('qwen3.6-flash', modelsDev, {
    confidence: 'low',
    tiers: [
      [
        256_000,
        { input_token: '0.1875', cached_input_token: '0.025', cache_write_token: '0.234375', output_token: '1.125' },
      ],
      [null, { input_token: '1', cached_input_token: '0.1', cache_write_token: '1.25', output_token: '4' }],
    ],
    conflicts: ['models.dev 0654d77 alibaba: 0.25/1.5 up to 256K; 0.1875/1.125 is CNY 1.2/7.2 at 6.4'],
  }),
  ...list('qwen3.5-plus', litellm, {
    tiers: [
      [256_000, { input_token: '0.4', cached_input_token: '0.04', cache_write_token: '0.5', output_token: '2.4' }],
      [null, { input_token: '0.5', cached_input_token: '0.05', cache_write_token: '0.625', output_token: '3' }],
    ],
  }),
  ...list('qwen3.5-flash', modelsDev, {
    source: 'anomalyco/models.dev 0654d77 alibaba; api-evangelist/qwen (2026-05-08)',
    flat: { input_token: '0.1', cached_input_token: '0.01', cache_write_token: '0.125', output_token: '0.4' },
  }),
  ...list('qwen3-max', litellm, {
    tiers: [
      [32_000, { input_token: '1.2', cached_input_token: '0.24', cache_write_token: '1.5', output_token: '6' }],
      [128_000, { input_token: '2.4', cached_input_token: '0.48', cache_write_token: '3', output_token: '12' }],
      [null, { input_token: '3', cached_input_token: '0.6', cache_write_token: '3.75', output_token: '15' }],
    ],
  }),
  ...list('qwen3-max-preview', litellm, {
    tiers: [
      [32_000, { input_token: '1.2', cached_input_token: '0.24', output_token: '6' }],
      [128_000, { input_token: '2.4', cached_input_token: '0.48', output_token: '12' }],
      [null, { input_token: '3', cached_input_token: '0.6', output_token: '15' }],
    ],
  }),
];

const classics: readonly PriceRow[] = [
  ...list('qwen-max', litellm, { flat: { input_token: '1.6', cached_input_token: '0.32', output_token: '6.4' } }),
  ...list('qwen-plus', litellm, {
    ...wholeOutput,
    tiers: qwenPlusTiers,
    conflicts: ['LiteLLM lists 0.4/1.2 for any length (input up to 129,024); the tiers are those of qwen-plus-latest'],
  }),
  ...list('qwen-plus-latest', litellm, { ...wholeOutput, tiers: qwenPlusTiers }),
  ...list('qwen-flash', litellm, {
    tiers: [
      [256_000, { input_token: '0.05', cached_input_token: '0.01', cache_write_token: '0.063', output_token: '0.4' }],
      [null, { input_token: '0.25', cached_input_token: '0.05', cache_write_token: '0.313', output_token: '2' }],
    ],
  }),
  ...list('qwen-turbo', litellm, {
    ...wholeOutput,
    flat: { input_token: '0.05', cached_input_token: '0.01', output_token: '0.2', reasoning_token: '0.5' },
  }),
  ...list('qwen-coder', litellm, { flat: { input_token: '0.3', output_token: '1.5' } }),
  ...list('qwq-plus', litellm, { flat: { input_token: '0.8', output_token: '2.4' } }),
  ...list('qwen3-coder-plus', litellm, {
    tiers: [
      [32_000, { input_token: '1', cached_input_token: '0.1', cache_write_token: '1.25', output_token: '5' }],
      [128_000, { input_token: '1.8', cached_input_token: '0.18', cache_write_token: '2.25', output_token: '9' }],
      [256_000, { input_token: '3', cached_input_token: '0.3', cache_write_token: '3.75', output_token: '15' }],
      [null, { input_token: '6', cached_input_token: '0.6', cache_write_token: '7.5', output_token: '60' }],
    ],
    conflicts: ['models.dev 0654d77 alibaba: cached at 20 % of input (0.2, 0.36, 0.6, 1.2)'],
  }),
  ...list('qwen3-coder-flash', litellm, {
    tiers: [
      [32_000, { input_token: '0.3', cached_input_token: '0.08', cache_write_token: '0.375', output_token: '1.5' }],
      [128_000, { input_token: '0.5', cached_input_token: '0.12', cache_write_token: '0.625', output_token: '2.5' }],
      [256_000, { input_token: '0.8', cached_input_token: '0.2', cache_write_token: '1', output_token: '4' }],
      [null, { input_token: '1.6', cached_input_token: '0.4', cache_write_token: '2', output_token: '9.6' }],
    ],
    conflicts: ['models.dev 0654d77 alibaba: cached at 20 % of input (0.06, 0.1, 0.16, 0.32)'],
  }),
  ...list('qwen3-vl-plus', litellm, {
    tiers: [
      [32_000, { input_token: '0.2', cached_input_token: '0.04', cache_write_token: '0.25', output_token: '1.6' }],
      [128_000, { input_token: '0.3', cached_input_token: '0.06', cache_write_token: '0.375', output_token: '2.4' }],
      [null, { input_token: '0.6', cached_input_token: '0.12', cache_write_token: '0.75', output_token: '4.8' }],
    ],
    conflicts: ['models.dev f3fc692 lists 4.8 for reasoning, which is the output price of the top tier'],
  }),
  ...list('qwen3-vl-flash', modelsDev, {
    tiers: [
      [32_000, { input_token: '0.05', cached_input_token: '0.01', cache_write_token: '0.0625', output_token: '0.4' }],
      [
        128_000,
        { input_token: '0.075', cached_input_token: '0.015', cache_write_token: '0.09375', output_token: '0.6' },
      ],
      [null, { input_token: '0.12', cached_input_token: '0.024', cache_write_token: '0.15', output_token: '0.96' }],
    ],
  }),
  ...list('qwen-vl-max', modelsDev, { flat: { input_token: '0.8', cached_input_token: '0.16', output_token: '3.2' } }),
  ...list('qwen-vl-plus', modelsDev, {
    flat: { input_token: '0.21', cached_input_token: '0.042', output_token: '0.63' },
  }),
  ...list('qwen3-omni-flash', modelsDev, {
    flat: { input_token: '0.43', input_audio_token: '3.81', output_token: '1.66', output_audio_token: '15.11' },
  }),
  ...list('qwen-omni-turbo', modelsDev, {
    flat: { input_token: '0.07', input_audio_token: '4.44', output_token: '0.27', output_audio_token: '8.89' },
  }),
];

const openWeights: readonly PriceRow[] = [
  ...list('qwen3-235b-a22b', modelsDev, {
    ...wholeOutput,
    flat: { input_token: '0.7', output_token: '2.8', reasoning_token: '8.4' },
  }),
  ...list('qwen3-32b', modelsDev, {
    ...wholeOutput,
    flat: { input_token: '0.7', output_token: '2.8', reasoning_token: '8.4' },
  }),
  ...list('qwen3-next-80b-a3b-instruct', litellm, { flat: { input_token: '0.15', output_token: '1.2' } }),
  ...list('qwen3-next-80b-a3b-thinking', litellm, { flat: { input_token: '0.15', output_token: '1.2' } }),
  ...list('qwen3-vl-235b-a22b-instruct', litellm, { flat: { input_token: '0.4', output_token: '1.6' } }),
  ...list('qwen3-vl-235b-a22b-thinking', litellm, { flat: { input_token: '0.4', output_token: '4' } }),
  ...list('qwen3-vl-32b-instruct', litellm, { flat: { input_token: '0.16', output_token: '0.64' } }),
  ...list('qwen3-vl-32b-thinking', litellm, { flat: { input_token: '0.16', output_token: '2.87' } }),
];

const media: readonly PriceRow[] = [
  // A CJK character counts as two; the provider reports the count it bills.
  ...list('qwen3-tts-flash', speech, { per: 10_000, flat: { character: '0.10' } }),
  ...list('qwen3-tts-instruct-flash', speech, {
    source: `assumed equal to qwen3-tts-flash: ${speech.source}`,
    confidence: 'low',
    per: 10_000,
    flat: { character: '0.10' },
  }),
  ...list('fun-asr', recognition, {
    source: 'alibabacloud.com/help/en/model-studio funauidio-asr-recorded-speech-recognition-python-sdk',
    verifiedAt: '2026-03-24',
    per: 1,
    flat: { audio_second: '0.000035' },
  }),
  ...list('qwen-image-max', picture, {
    source: `assumed equal to qwen-image-2.0-pro, as in Beijing: ${picture.source}`,
    flat: { image: '0.075' },
    per: 1,
  }),
  ...list('qwen-image-2.0-pro', picture, { per: 1, flat: { image: '0.075' } }),
  ...list('qwen-image-plus', picture, {
    source: `assumed equal to qwen-image-2.0, as in Beijing: ${picture.source}`,
    per: 1,
    flat: { image: '0.035' },
  }),
  ...list('qwen-image-2.0', picture, { per: 1, flat: { image: '0.035' } }),
  ...list('wan2.6-t2i', wan, { per: 1, flat: { image: '0.03' } }),
  ...list('wan2.5-t2i-preview', wan, {
    per: 1,
    flat: { image: '0.03' },
    conflicts: ['evolink.ai (reseller): 0.022'],
  }),
  ...list('wan2.2-t2i-plus', wan, { per: 1, flat: { image: '0.05' } }),
  ...list('wan2.2-t2i-flash', wan, {
    per: 1,
    flat: { image: '0.025' },
    conflicts: ['therouter-docs (reseller): 0.04 to 0.048'],
  }),
  ...list('qwen3-asr-flash', recognition, { per: 1, flat: { audio_second: '0.000035' } }),
  ...list('qwen3-asr-flash-filetrans', recognition, { per: 1, flat: { audio_second: '0.000035' } }),
  ...list('qwen-audio-3.0-asr-flash-filetrans', recognition, { per: 1, flat: { audio_second: '0.000035' } }),
  ...list('qwen-audio-3.1-asr-flash-filetrans', recognition, {
    source: 'alibabacloud.com/help/en/model-studio model page',
    flat: { input_token: '0.15', input_audio_token: '0.15', output_token: '0.47' },
  }),
];

/** Models that only the Virginia region serves. Their thinking price was not listed: taken from Singapore. */
const virginia: readonly PriceRow[] = [
  ...priceRows('qwen', 'qwen-plus-us', 'us', modelsDev, { ...wholeOutput, confidence: 'low', tiers: qwenPlusTiers }),
  ...priceRows('qwen', 'qwen-plus-2025-12-01-us', 'us', modelsDev, {
    ...wholeOutput,
    confidence: 'low',
    tiers: qwenPlusTiers,
  }),
  ...priceRows('qwen', 'qwen3-asr-flash-us', 'us', recognition, {
    source: `assumed equal to Singapore: ${recognition.source}`,
    confidence: 'low',
    per: 1,
    flat: { audio_second: '0.000035' },
  }),
  ...priceRows('qwen', 'qwen-flash-us', 'us', modelsDev, { flat: { input_token: '0.05', output_token: '0.40' } }),
];

const singapore: readonly PriceRow[] = [...withTypicalCache([...flagships, ...classics, ...openWeights]), ...media];

/**
 * Regions without a price list of their own that was read. They bill in USD like Singapore, and a strict budget must be
 * able to price them, so they are priced the same, with low confidence.
 */
const regionsPricedAsSingapore: readonly Region[] = ['us', 'hk', 'eu', 'jp'];

export const qwenInternationalPrices: readonly PriceRow[] = [
  ...singapore,
  ...withTypicalCache(virginia),
  ...regionsPricedAsSingapore.flatMap((region) => singapore.map((row) => inRegion(row, region))),
];

function inRegion(row: PriceRow, region: Region): PriceRow {
  const moved = { ...row, region };
  return {
    ...moved,
    id: priceIdOf(moved, row.tier),
    source: `assumed equal to Singapore: ${row.source}`,
    confidence: 'low',
    note: 'no price list of this region was read; international regions bill in USD',
  };
}

function list(model: string, origin: Origin, spec: ListSpec): PriceRow[] {
  return priceRows('qwen', model, 'sg', origin, spec);
}
