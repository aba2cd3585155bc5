import type { ModelManifest, Operation, Tier } from '@vibe/core';

/** All chat models share abilities and limits: models.dev f3fc692 (2026-07-02), genai-prices 47df840 (2026-08-21). */
const chat = {
  operations: ['chat', 'transcribe'] as readonly Operation[],
  input: ['text', 'image', 'audio', 'file_ref'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: true,
  contextTokens: 1_048_576,
  maxOutputTokens: 65_536,
} as const;

const chatTiers: readonly (readonly [string, Tier])[] = [
  // facts: its context is shared by input and output; the cap of its siblings keeps the worst case of a call bounded
  ['gemini-4-argon', 'premium'],
  ['gemini-3.1-pro-preview', 'premium'],
  ['gemini-2.5-pro', 'premium'],
  ['gemini-3.8-flash', 'standard'],
  ['gemini-3.7-flash', 'standard'],
  ['gemini-3.6-flash', 'standard'],
  ['gemini-3.5-flash', 'standard'],
  ['gemini-3-flash-preview', 'standard'],
  ['gemini-2.5-flash', 'standard'],
  ['gemini-3.5-flash-lite', 'economy'],
  ['gemini-3.1-flash-lite', 'economy'],
  ['gemini-2.5-flash-lite', 'economy'],
];

/** Models that make one kind of media and do nothing else. */
const special = { tools: false, structured: false, reasoning: false } as const;

const speech = {
  ...special,
  operations: ['speak'],
  input: ['text'],
  output: ['audio'],
  contextTokens: 8_192,
  maxOutputTokens: 16_384,
} as const;

const picture = {
  ...special,
  operations: ['paint'],
  input: ['text', 'image'],
  output: ['text', 'image'],
  streams: true,
} as const;

/** Facts: only the speech model of 3.1 streams (changelog of 2026-06-17). */
const speechModels: readonly ModelManifest[] = [
  { ...speech, id: 'gemini-3.1-flash-tts-preview', streams: true, tier: 'premium' },
  { ...speech, id: 'gemini-2.5-pro-preview-tts', streams: false, tier: 'premium' },
  { ...speech, id: 'gemini-2.5-flash-preview-tts', streams: false, tier: 'standard' },
];

/** Imagen is not here: it was shut down on 2026-08-17. Who serves it elsewhere names it in `models`. */
const pictureModels: readonly ModelManifest[] = [
  { ...picture, id: 'gemini-3-pro-image', tier: 'premium', contextTokens: 131_072, maxOutputTokens: 32_768 },
  { ...picture, id: 'gemini-3.1-flash-image', tier: 'standard', contextTokens: 65_536, maxOutputTokens: 65_536 },
  { ...picture, id: 'gemini-2.5-flash-image', tier: 'standard', contextTokens: 32_768, maxOutputTokens: 32_768 },
  { ...picture, id: 'gemini-3.1-flash-lite-image', tier: 'economy', contextTokens: 65_536, maxOutputTokens: 65_536 },
];

export const geminiModels: readonly ModelManifest[] = [
  ...chatTiers.map(([id, tier]) => ({ id, ...chat, tier })),
  ...speechModels,
  ...pictureModels,
];
