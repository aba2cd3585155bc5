import type { PriceRow } from '../rows.js';
import { type ListSpec, type Origin, priceRows, wholeOutput, withTypicalCache } from './author.js';

// Alibaba Cloud Model Studio, China (Beijing). The tier is picked by the total input of one request, cached input
// included, and bills the whole request (help.aliyun.com billing page, as cited by LiteLLM's cost calculator).
// List prices are in CNY where a source has them, else in the USD that models.dev converted them to.
// Where sources disagree the older, widely copied list is kept and the other one recorded.

const dify: Origin = {
  currency: 'CNY',
  source:
    'langgenius/dify-official-plugins 7af2283 models/tongyi; tiers and cache: anomalyco/models.dev 735cde7 alibaba-cn',
  verifiedAt: '2026-08-21',
  confidence: 'high',
};
const difyOnly: Origin = {
  ...dify,
  source: 'langgenius/dify-official-plugins 7af2283 models/tongyi',
  confidence: 'medium',
};
const modelsDev: Origin = {
  currency: 'USD',
  source: 'anomalyco/models.dev f3fc692 alibaba-cn (converted from CNY); tiers and cache: 735cde7',
  verifiedAt: '2026-07-02',
  confidence: 'medium',
};
const aliyun: Origin = {
  currency: 'CNY',
  source: 'help.aliyun.com/zh/model-studio/model-pricing, noted in anomalyco/models.dev alibaba-cn',
  verifiedAt: '2026-08-28',
  confidence: 'high',
};
const speech: Origin = {
  currency: 'CNY',
  source: 'third-party price tables of Model Studio speech models',
  verifiedAt: '2026-11-22',
  confidence: 'medium',
};
const recognition: Origin = {
  currency: 'USD',
  source: 'anomalyco/models.dev alibaba-cn (0.032 per 1,000 s); OpenRouter; qwen-audio-3.0-asr-flash-filetrans page',
  verifiedAt: '2026-11-22',
  confidence: 'high',
};
const images: Origin = {
  currency: 'CNY',
  source: 'docs.crazyrouter.com, quoting the official price',
  verifiedAt: '2026-11-22',
  confidence: 'medium',
};

const recordings: Origin = {
  currency: 'CNY',
  source: 'help.aliyun.com/zh/model-studio/recording-file-recognition',
  verifiedAt: '2026-02-11',
  confidence: 'high',
};
const wan: Origin = {
  currency: 'CNY',
  source:
    'Model Studio image documentation (copies): 0.20 for wanx2.1-t2i-plus and wan2.5-i2i-preview, 0.14 for -turbo; newer Wan models assumed alike',
  verifiedAt: '2026-11-22',
  confidence: 'low',
};

const qwenPlusTiers = [
  [
    128_000,
    { input_token: '0.8', cached_input_token: '0.16', cache_write_token: '1', output_token: '2', reasoning_token: '8' },
  ],
  [
    256_000,
    {
      input_token: '2.4',
      cached_input_token: '0.48',
      cache_write_token: '3',
      output_token: '20',
      reasoning_token: '24',
    },
  ],
  [
    null,
    {
      input_token: '4.8',
      cached_input_token: '0.96',
      cache_write_token: '6',
      output_token: '48',
      reasoning_token: '64',
    },
  ],
] satisfies ListSpec['tiers'];

const qwen3MaxTiers = [
  [32_000, { input_token: '6', output_token: '24' }],
  [128_000, { input_token: '10', output_token: '40' }],
  [null, { input_token: '15', output_token: '60' }],
] satisfies ListSpec['tiers'];

const flagships: readonly PriceRow[] = [
  ...list('qwen3.8-max', aliyun, {
    flat: { input_token: '12', cached_input_token: '1.5', cache_write_token: '15', output_token: '36' },
    note: 'implicit cache hits 1.5, explicit ones 1',
  }),
  ...list('qwen3.8-flash', aliyun, {
    flat: { input_token: '0.8', cached_input_token: '0.1', cache_write_token: '1.25', output_token: '2.7' },
  }),
  ...list('qwen3.7-max', dify, {
    flat: { input_token: '12', cached_input_token: '2.4', cache_write_token: '15', output_token: '36' },
    conflicts: [
      'the source labels 12/36 USD, it must be CNY',
      'models.dev f3fc692 alibaba-cn: USD 2.5/7.5, the Singapore list',
    ],
  }),
  ...list('qwen3.7-plus', dify, {
    tiers: [
      [256_000, { input_token: '2', cached_input_token: '0.4', cache_write_token: '2.5', output_token: '8' }],
      [null, { input_token: '6', cached_input_token: '1.2', cache_write_token: '7.5', output_token: '24' }],
    ],
    conflicts: ['models.dev f3fc692 alibaba-cn: USD 0.5/3, above 128K 2/6, the Singapore list'],
  }),
  ...list('qwen3.7-flash', aliyun, {
    tiers: [
      [32_000, { input_token: '0.2', cached_input_token: '0.02', cache_write_token: '0.25', output_token: '0.8' }],
      [256_000, { input_token: '0.6', cached_input_token: '0.06', cache_write_token: '0.75', output_token: '2.4' }],
      [null, { input_token: '1.2', cached_input_token: '0.12', cache_write_token: '1.5', output_token: '4.8' }],
    ],
  }),
  ...list('qwen3.6-plus', dify, {
    tiers: [
      [256_000, { input_token: '2', cached_input_token: '0.2', cache_write_token: '2.5', output_token: '12' }],
      [null, { input_token: '8', cached_input_token: '0.8', cache_write_token: '10', output_token: '48' }],
    ],
    conflicts: ['models.dev f3fc692 alibaba-cn: USD 0.5/3, above 256K 2/6, the Singapore list'],
  }),
  ...list('qwen3.6-flash', dify, {
    tiers: [
      [256_000, { input_token: '1.2', cached_input_token: '0.12', cache_write_token: '1.5', output_token: '7.2' }],
      [null, { input_token: '4.8', cached_input_token: '0.48', cache_write_token: '6', output_token: '28.8' }],
    ],
  }),
  ...list('qwen3.6-max-preview', modelsDev, {
    tiers: [
      [128_000, { input_token: '1.32', cached_input_token: '0.132', cache_write_token: '1.547', output_token: '7.9' }],
      [null, { input_token: '2.063', cached_input_token: '0.206', cache_write_token: '2.579', output_token: '12.377' }],
    ],
  }),
  ...list('qwen3.5-plus', dify, {
    tiers: [
      [128_000, { input_token: '0.8', cached_input_token: '0.08', cache_write_token: '1', output_token: '4.8' }],
      [256_000, { input_token: '2', cached_input_token: '0.2', cache_write_token: '2.5', output_token: '12' }],
      [null, { input_token: '4', cached_input_token: '0.4', cache_write_token: '5', output_token: '24' }],
    ],
    conflicts: ['models.dev f3fc692 alibaba-cn: USD 0.573/3.44 for any length, the top tier'],
  }),
  ...list('qwen3.5-flash', dify, {
    tiers: [
      [128_000, { input_token: '0.2', cached_input_token: '0.02', cache_write_token: '0.25', output_token: '2' }],
      [256_000, { input_token: '0.8', cached_input_token: '0.08', cache_write_token: '1', output_token: '8' }],
      [null, { input_token: '1.2', cached_input_token: '0.12', cache_write_token: '1.5', output_token: '12' }],
    ],
    conflicts: ['models.dev f3fc692 alibaba-cn: USD 0.172/1.72 for any length, the top tier'],
  }),
  ...list('qwen3-max', dify, {
    confidence: 'low',
    tiers: qwen3MaxTiers,
    conflicts: [
      'models.dev 735cde7 alibaba-cn and a copy of the help.aliyun.com model page: CNY 2.5/10, 4/16, 7/28 (cached 0.5, 0.8, 1.4), probably the newer list',
    ],
  }),
  ...list('qwen3-max-preview', difyOnly, { tiers: qwen3MaxTiers }),
];

const classics: readonly PriceRow[] = [
  ...list('qwen-max', dify, {
    flat: { input_token: '2.4', cached_input_token: '0.5', output_token: '9.6' },
  }),
  ...list('qwen-plus', dify, { ...wholeOutput, tiers: qwenPlusTiers }),
  ...list('qwen-plus-latest', dify, { ...wholeOutput, tiers: qwenPlusTiers }),
  ...list('qwen-flash', dify, {
    tiers: [
      [128_000, { input_token: '0.15', cached_input_token: '0.03', cache_write_token: '0.1875', output_token: '1.5' }],
      [256_000, { input_token: '0.6', cached_input_token: '0.12', cache_write_token: '0.75', output_token: '6' }],
      [null, { input_token: '1.2', cached_input_token: '0.24', cache_write_token: '1.5', output_token: '12' }],
    ],
  }),
  ...list('qwen-turbo', dify, {
    ...wholeOutput,
    confidence: 'medium',
    flat: { input_token: '0.3', cached_input_token: '0.06', output_token: '0.6', reasoning_token: '3' },
    conflicts: ['dify lists 0.3/3, the thinking price; models.dev lists USD 0.044/0.087, thinking 0.431'],
  }),
  ...list('qwen-long', difyOnly, { flat: { input_token: '0.5', output_token: '2' } }),
  ...list('qwq-plus', dify, { flat: { input_token: '1.6', output_token: '4' } }),
  ...list('qwen3-coder-plus', dify, {
    tiers: [
      [32_000, { input_token: '4', cached_input_token: '0.8', cache_write_token: '5', output_token: '16' }],
      [128_000, { input_token: '6', cached_input_token: '1.2', cache_write_token: '7.5', output_token: '24' }],
      [256_000, { input_token: '10', cached_input_token: '2', cache_write_token: '12.5', output_token: '40' }],
      [null, { input_token: '20', cached_input_token: '4', cache_write_token: '25', output_token: '200' }],
    ],
  }),
  ...list('qwen3-coder-flash', modelsDev, {
    tiers: [
      [32_000, { input_token: '0.144', cached_input_token: '0.029', cache_write_token: '0.18', output_token: '0.574' }],
      [
        128_000,
        { input_token: '0.216', cached_input_token: '0.044', cache_write_token: '0.27', output_token: '0.861' },
      ],
      [
        256_000,
        { input_token: '0.359', cached_input_token: '0.072', cache_write_token: '0.449', output_token: '1.434' },
      ],
      [null, { input_token: '0.717', cached_input_token: '0.144', cache_write_token: '0.896', output_token: '3.584' }],
    ],
  }),
  ...list('qwen3-vl-plus', dify, {
    tiers: [
      [32_000, { input_token: '1', cached_input_token: '0.2', output_token: '10' }],
      [128_000, { input_token: '1.5', cached_input_token: '0.3', output_token: '15' }],
      [null, { input_token: '3', cached_input_token: '0.6', output_token: '30' }],
    ],
    conflicts: ['models.dev lists USD 4.300576 for reasoning, which is the output price of the top tier'],
  }),
  ...list('qwen3-vl-flash', difyOnly, { flat: { input_token: '0.5', output_token: '2' } }),
  ...list('qwen-vl-max', dify, { flat: { input_token: '1.6', cached_input_token: '0.32', output_token: '4' } }),
  ...list('qwen-vl-plus', dify, { flat: { input_token: '0.8', cached_input_token: '0.16', output_token: '2' } }),
  ...list('qwen3-omni-flash', modelsDev, {
    confidence: 'low',
    flat: { input_token: '0.058', input_audio_token: '3.584', output_token: '0.23', output_audio_token: '7.168' },
    conflicts: [
      'models.dev 735cde7 alibaba-cn: USD 0.258/0.989, audio 2.265/8.974; the older list equals that of qwen-omni-turbo',
    ],
  }),
  ...list('qwen-omni-turbo', modelsDev, {
    flat: { input_token: '0.058', input_audio_token: '3.584', output_token: '0.23', output_audio_token: '7.168' },
  }),
];

const openWeights: readonly PriceRow[] = [
  ...list('qwen3-235b-a22b', difyOnly, { ...wholeOutput, flat: thinker('2', '8', '20') }),
  ...list('qwen3-32b', difyOnly, { ...wholeOutput, flat: thinker('2', '8', '20') }),
  ...list('qwen3-30b-a3b', difyOnly, { ...wholeOutput, flat: thinker('0.75', '3', '15') }),
  ...list('qwen3-14b', difyOnly, { ...wholeOutput, flat: thinker('1', '4', '10') }),
  ...list('qwen3-8b', difyOnly, { ...wholeOutput, flat: thinker('0.5', '2', '5') }),
  ...list('qwen3-next-80b-a3b-instruct', difyOnly, { flat: { input_token: '1', output_token: '4' } }),
  ...list('qwen3-next-80b-a3b-thinking', difyOnly, {
    ...wholeOutput,
    confidence: 'low',
    flat: thinker('1', '10', '40'),
    conflicts: ['the source lists 10 for output and 40 for thinking output, of a model that always thinks'],
  }),
  ...list('qwen3-vl-235b-a22b-instruct', difyOnly, { flat: { input_token: '2', output_token: '8' } }),
  ...list('qwen3-vl-235b-a22b-thinking', difyOnly, { flat: { input_token: '2', output_token: '20' } }),
  ...list('qwen3-vl-30b-a3b-instruct', difyOnly, { flat: { input_token: '0.75', output_token: '3' } }),
  ...list('qwen3-vl-30b-a3b-thinking', difyOnly, { flat: { input_token: '0.75', output_token: '7.5' } }),
  ...list('qwen3-coder-480b-a35b-instruct', difyOnly, { flat: { input_token: '6', output_token: '24' } }),
  ...list('qwen3-coder-30b-a3b-instruct', difyOnly, { flat: { input_token: '1.5', output_token: '6' } }),
  ...list('qwen-max-longcontext', difyOnly, { confidence: 'low', flat: { input_token: '40', output_token: '120' } }),
  ...list('qwen-plus-chat', difyOnly, { confidence: 'low', flat: { input_token: '4', output_token: '12' } }),
  ...list('qwen-turbo-chat', difyOnly, { confidence: 'low', flat: { input_token: '2', output_token: '6' } }),
  ...list('qwen-coder-turbo', difyOnly, { flat: { input_token: '2', output_token: '6' } }),
  ...list('qwen-math-plus', difyOnly, { flat: { input_token: '4', output_token: '12' } }),
  ...list('qwen-math-plus-latest', difyOnly, { flat: { input_token: '4', output_token: '12' } }),
  ...list('qwen-math-turbo', difyOnly, { flat: { input_token: '2', output_token: '6' } }),
  ...list('qvq-max', difyOnly, { flat: { input_token: '1.6', output_token: '4' } }),
  ...list('qwen-mt-plus', difyOnly, { flat: { input_token: '1.8', output_token: '5.4' } }),
  ...list('qwen-mt-turbo', difyOnly, { flat: { input_token: '0.7', output_token: '1.95' } }),
];

const media: readonly PriceRow[] = [
  // A CJK character counts as two; the provider reports the count it bills.
  ...list('qwen3-tts-flash', speech, { per: 10_000, flat: { character: '0.8' } }),
  ...list('qwen3-tts-instruct-flash', speech, {
    source: `assumed equal to qwen3-tts-flash: ${speech.source}`,
    confidence: 'low',
    per: 10_000,
    flat: { character: '0.8' },
  }),
  // Bills tokens; a second of speech is 50 of them, a started one counts as whole.
  ...list(
    'qwen-tts',
    {
      currency: 'USD',
      source: 'alibabacloud.com/help model-studio qwen-tts',
      verifiedAt: '2025-12-02',
      confidence: 'medium',
    },
    {
      flat: { input_token: '0.23', output_token: '1.434', output_audio_token: '1.434' },
      conflicts: ['the page heads the column "per 1,000 tokens", a slip: CNY 1.6 and 10 are for a million'],
    },
  ),
  ...list('cosyvoice-v3-flash', speech, { per: 10_000, flat: { character: '1' } }),
  ...list('cosyvoice-v3-plus', speech, { per: 10_000, flat: { character: '2' } }),
  ...list('qwen3-asr-flash', recognition, { per: 1, flat: { audio_second: '0.000032' } }),
  ...list('qwen3-asr-flash-filetrans', recognition, { per: 1, flat: { audio_second: '0.000032' } }),
  ...list('fun-asr', recordings, { flat: { audio_second: '0.00022' }, per: 1 }),
  ...list('paraformer-v2', recordings, {
    source: 'help.aliyun.com model pages of paraformer-8k-v1 and -8k-v2; the page of paraformer-v2 states no price',
    verifiedAt: '2026-10-23',
    confidence: 'medium',
    flat: { audio_second: '0.00008' },
    per: 1,
  }),
  ...list('qwen-audio-3.0-asr-flash-filetrans', recognition, { per: 1, flat: { audio_second: '0.000032' } }),
  ...list('qwen-audio-3.1-asr-flash-filetrans', recognition, {
    source: 'alibabacloud.com/help/en/model-studio model page',
    flat: { input_token: '0.113', input_audio_token: '0.113', output_token: '0.382' },
  }),
  ...list('qwen-image-plus', images, { per: 1, flat: { image: '0.20' } }),
  ...list('qwen-image-2.0', images, { per: 1, flat: { image: '0.20' } }),
  ...list('qwen-image-max', images, { per: 1, flat: { image: '0.50' } }),
  ...list('qwen-image-2.0-pro', images, { per: 1, flat: { image: '0.50' } }),
  ...list('wan2.6-t2i', wan, { per: 1, flat: { image: '0.20' } }),
  ...list('wan2.5-t2i-preview', wan, { per: 1, flat: { image: '0.20' } }),
  ...list('wan2.2-t2i-plus', wan, { per: 1, flat: { image: '0.20' } }),
  ...list('wan2.2-t2i-flash', wan, {
    per: 1,
    flat: { image: '0.14' },
    conflicts: ['therouter-docs (reseller): USD 0.04 to 0.048'],
  }),
  ...list('wanx-sketch-to-image-lite', images, {
    source: 'Model Studio image documentation (mirror)',
    per: 1,
    flat: { image: '0.06' },
  }),
];

export const qwenBeijingPrices: readonly PriceRow[] = [
  ...withTypicalCache([...flagships, ...classics, ...openWeights]),
  ...media,
];

function thinker(input: string, output: string, thinking: string): NonNullable<ListSpec['flat']> {
  return { input_token: input, output_token: output, reasoning_token: thinking };
}

function list(model: string, origin: Origin, spec: ListSpec): PriceRow[] {
  return priceRows('qwen', model, 'cn', origin, spec);
}
