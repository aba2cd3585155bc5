import type { PriceRow } from '../rows.js';
import { type ListSpec, type Origin, priceRows } from './author.js';

// Standard tier of the Gemini Developer API, USD per 1M tokens, one price list for the world. Thinking bills as output.
// Batch and Flex cost half, Priority 1.75 to 2 times as much. Beyond 200,000 input tokens the whole request moves to
// the upper tier. Changes are dated at midnight UTC, hours before midnight in California: never too late.

const genaiPrices: Origin = {
  currency: 'USD',
  source: 'pydantic/genai-prices 47df840 prices/providers/google.yml',
  verifiedAt: '2026-08-21',
  confidence: 'high',
};
const modelsDev: Origin = {
  currency: 'USD',
  source: 'anomalyco/models.dev f3fc692 providers/google',
  verifiedAt: '2026-07-02',
  confidence: 'medium',
};
const argon: Origin = {
  currency: 'USD',
  source: 'BerriAI/litellm discussion 46238; iyulab/TokenMeter v0.13.1; ai.google.dev latest-model',
  verifiedAt: '2026-10-13',
  confidence: 'high',
};
const carbon: Origin = {
  currency: 'USD',
  source: "docs.laozhang.ai announcement gemini-4-carbon, quoting Google's price",
  verifiedAt: '2026-11-11',
  confidence: 'medium',
};
const flash38: Origin = {
  currency: 'USD',
  source: 'BerriAI/litellm discussion 39357; anomalyco/models.dev 91a1983 google/gemini-3.8-flash',
  verifiedAt: '2026-09-02',
  confidence: 'high',
};
const flash36: Origin = {
  currency: 'USD',
  source: `${genaiPrices.source}; audio and 2027 prices: anomalyco/models.dev 3f2765a google/gemini-3.6-flash`,
  verifiedAt: '2026-08-21',
  confidence: 'high',
};

/** Pro models: Google states one input price for text, images, video and audio, where Flash models have two. */
const onePrice: Origin = {
  currency: 'USD',
  source: 'ai.google.dev pricing page: one input price for all modalities of Pro models (api-evangelist/gemini copy)',
  verifiedAt: '2026-09-20',
  confidence: 'medium',
};

const launchFlash = {
  input_token: '0.75',
  input_audio_token: '0.75',
  cached_input_token: '0.075',
  cached_input_audio_token: '0.075',
  output_token: '3.75',
};
const laterFlash = {
  input_token: '1.50',
  input_audio_token: '1.50',
  cached_input_token: '0.15',
  cached_input_audio_token: '0.15',
  output_token: '7.50',
};

const grounding: Origin = {
  currency: 'USD',
  source:
    'TokenMeter v0.13.1; discuss.ai.google.dev 134866: USD 14 for 1,000 queries of Google Search from Gemini 3 on',
  verifiedAt: '2026-10-13',
  confidence: 'medium',
};
const groundedPrompts: Origin = {
  ...grounding,
  source: 'third-party price lists: USD 35 for 1,000 grounded prompts before Gemini 3',
  confidence: 'low',
};
const searchingModels = [
  'gemini-4-argon',
  'gemini-4-carbon',
  'gemini-3.8-flash',
  'gemini-3.7-flash',
  'gemini-3.6-flash',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.1-flash-lite',
  'gemini-3.1-pro-preview',
  'gemini-3-flash-preview',
  'gemini-3.1-flash-image',
  'gemini-3-pro-image',
];

/** Image models answer with text and thoughts too; their image tokens cost a multiple. */
const images = 'the rest of candidatesTokenCount beside the image tokens is text and thinking';
/** Speech models answer with audio only; `output_token` stands for tokens whose modality the answer did not name. */
const speech = 'answers are audio: 25 tokens per second';

/** The Gemini API has shut it down; a service that still has it is priced at the last list. */
const imagen = { per: 1, note: 'shut down 2026-08-17 on the Gemini API' };

export const geminiPrices: readonly PriceRow[] = [
  ...list('gemini-4-argon', argon, {
    to: '2026-12-01',
    flat: { input_token: '2', cached_input_token: '0.10', output_token: '10' },
  }),
  ...list('gemini-4-argon', argon, {
    from: '2026-12-01',
    flat: { input_token: '4', cached_input_token: '0.20', output_token: '20' },
  }),
  ...list('gemini-4-argon', onePrice, {
    to: '2026-12-01',
    flat: { input_audio_token: '2', cached_input_audio_token: '0.10' },
  }),
  ...list('gemini-4-argon', onePrice, {
    from: '2026-12-01',
    flat: { input_audio_token: '4', cached_input_audio_token: '0.20' },
  }),
  ...list('gemini-4-carbon', carbon, { to: '2026-12-01', flat: { input_token: '2', output_token: '10' } }),
  ...list('gemini-4-carbon', carbon, { from: '2026-12-01', flat: { input_token: '4', output_token: '20' } }),
  ...list('gemini-3.8-flash', flash38, { to: '2027-01-01', flat: launchFlash }),
  ...list('gemini-3.8-flash', flash38, { from: '2027-01-01', flat: laterFlash }),
  ...list('gemini-3.7-flash', flash36, {
    to: '2027-01-01',
    flat: launchFlash,
    conflicts: ['models.dev 51cba2e google/gemini-3.7-flash: already 1.50 / 7.50 (cached 0.15) in 2026'],
  }),
  ...list('gemini-3.7-flash', flash36, { from: '2027-01-01', flat: laterFlash }),
  ...list('gemini-3.6-flash', flash36, { to: '2027-01-01', flat: launchFlash }),
  ...list('gemini-3.6-flash', flash36, { from: '2027-01-01', flat: laterFlash }),
  ...list('gemini-3.5-flash', genaiPrices, {
    flat: {
      input_token: '1.50',
      input_audio_token: '1.50',
      cached_input_token: '0.15',
      cached_input_audio_token: '0.15',
      output_token: '9',
    },
  }),
  ...list('gemini-3.5-flash-lite', genaiPrices, {
    flat: {
      input_token: '0.30',
      input_audio_token: '0.30',
      cached_input_token: '0.03',
      cached_input_audio_token: '0.03',
      output_token: '2.50',
    },
  }),
  ...list('gemini-3.1-flash-lite', genaiPrices, {
    flat: { input_token: '0.25', input_audio_token: '0.50', cached_input_token: '0.025', output_token: '1.50' },
    note: 'shuts down 2027-05-07',
  }),
  ...list('gemini-3.1-pro-preview', genaiPrices, {
    tiers: [
      [200_000, { input_token: '2', cached_input_token: '0.20', output_token: '12' }],
      [null, { input_token: '4', cached_input_token: '0.40', output_token: '18' }],
    ],
  }),
  ...list('gemini-3.1-pro-preview', onePrice, {
    tiers: [
      [200_000, { input_audio_token: '2', cached_input_audio_token: '0.20' }],
      [null, { input_audio_token: '4', cached_input_audio_token: '0.40' }],
    ],
  }),
  ...list('gemini-3-flash-preview', genaiPrices, {
    flat: {
      input_token: '0.50',
      input_audio_token: '1',
      cached_input_token: '0.05',
      cached_input_audio_token: '0.10',
      output_token: '3',
    },
  }),
  ...list('gemini-2.5-pro', genaiPrices, {
    tiers: [
      [200_000, { input_token: '1.25', cached_input_token: '0.125', output_token: '10' }],
      [null, { input_token: '2.50', cached_input_token: '0.25', output_token: '15' }],
    ],
    note: 'retires 2026-12-01; then answered and billed as gemini-3.8-flash',
  }),
  ...list('gemini-2.5-pro', onePrice, {
    tiers: [
      [200_000, { input_audio_token: '1.25', cached_input_audio_token: '0.125' }],
      [null, { input_audio_token: '2.50', cached_input_audio_token: '0.25' }],
    ],
    conflicts: ['LiteLLM 93037ea (2025-04): 0.70 for audio of gemini-2.5-pro-preview-03-25'],
  }),
  ...list('gemini-2.5-flash', genaiPrices, {
    from: '2025-06-17',
    flat: {
      input_token: '0.30',
      input_audio_token: '1',
      cached_input_token: '0.03',
      cached_input_audio_token: '0.10',
      output_token: '2.50',
    },
    note: 'retires 2026-12-01; then answered and billed as gemini-3.5-flash-lite',
  }),
  ...list('gemini-2.5-flash-lite', genaiPrices, {
    flat: {
      input_token: '0.10',
      input_audio_token: '0.30',
      cached_input_token: '0.01',
      cached_input_audio_token: '0.03',
      output_token: '0.40',
    },
  }),
  ...list('gemini-2.0-flash', modelsDev, {
    to: '2026-06-01',
    flat: { input_token: '0.10', cached_input_token: '0.025', output_token: '0.40' },
    note: 'shut down 2026-06-01',
  }),
  ...list('gemini-2.0-flash-lite', modelsDev, {
    to: '2026-06-01',
    flat: { input_token: '0.075', output_token: '0.30' },
    note: 'shut down 2026-06-01',
  }),

  ...list('gemini-3-pro-image', genaiPrices, {
    flat: { input_token: '2', output_token: '12', output_image_token: '120' },
    note: `${images}; 1K and 2K images are 1,120 tokens, 4K images 2,000`,
  }),
  ...list('gemini-3.1-flash-image', genaiPrices, {
    flat: { input_token: '0.50', output_token: '3', output_image_token: '60' },
    note: `${images}; an image of 1K is 1,120 tokens`,
  }),
  ...list('gemini-3.1-flash-lite-image', genaiPrices, {
    flat: { input_token: '0.25', output_token: '1.50', output_image_token: '30' },
    note: images,
  }),
  ...list('gemini-2.5-flash-image', genaiPrices, {
    flat: { input_token: '0.30', output_token: '2.50', output_image_token: '30' },
    conflicts: ['models.dev and ruby_llm: 30 for all output, wrong for text'],
    note: `${images}; an image is 1,290 tokens`,
  }),

  ...list('gemini-3.1-flash-tts-preview', modelsDev, {
    flat: { input_token: '1', output_token: '20', output_audio_token: '20' },
    note: speech,
  }),
  ...list('gemini-2.5-pro-preview-tts', modelsDev, {
    flat: { input_token: '1', output_token: '20', output_audio_token: '20' },
    note: speech,
  }),
  ...list('gemini-2.5-flash-preview-tts', modelsDev, {
    flat: { input_token: '0.50', output_token: '10', output_audio_token: '10' },
    note: speech,
  }),

  ...searchingModels.flatMap((model) =>
    list(model, grounding, {
      per: 1_000,
      flat: { web_search: '14' },
      note: '5,000 a month are free, not taken off here',
    }),
  ),
  ...['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-flash-lite'].flatMap((model) =>
    list(model, groundedPrompts, { per: 1_000, flat: { web_search: '35' } }),
  ),

  ...list('gemini-embedding-001', genaiPrices, { flat: { input_token: '0.15' } }),
  ...list('gemini-embedding-2', genaiPrices, {
    flat: { input_token: '0.20', input_image_token: '0.45', input_audio_token: '6.5', input_video_token: '12' },
  }),

  ...list('imagen-4.0-fast-generate-001', genaiPrices, { ...imagen, flat: { image: '0.02' } }),
  ...list('imagen-4.0-generate-001', genaiPrices, { ...imagen, flat: { image: '0.04' } }),
  ...list('imagen-4.0-ultra-generate-001', genaiPrices, { ...imagen, flat: { image: '0.06' } }),
];

function list(model: string, origin: Origin, spec: ListSpec): PriceRow[] {
  return priceRows('gemini', model, 'global', origin, spec);
}
