import type { ModelManifest, Tier } from '@vibe/core';

/** All chat models share abilities and limits: models.dev f3fc692 (2026-07-02), genai-prices 47df840 (2026-08-21). */
const chat = {
  operations: ['chat'],
  input: ['text', 'image', 'audio', 'file_ref'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: true,
  contextTokens: 1_048_576,
  maxOutputTokens: 65_536,
} as const;

const tiers: readonly (readonly [string, Tier])[] = [
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

export const geminiModels: readonly ModelManifest[] = tiers.map(([id, tier]) => ({ id, ...chat, tier }));
