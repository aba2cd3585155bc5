import type { ModelManifest, Region } from '@vibe/core';

/** A manifest, and the regions that are known to serve the model where it is not all of them. */
export type QwenModel = Omit<ModelManifest, 'operations' | 'output' | 'endpoints'> & {
  readonly regions?: readonly Region[];
};

const text = ['text'] as const;
const vision = ['text', 'image', 'file_ref'] as const;
const able = { input: text, streams: true, tools: true, structured: true, reasoning: true } as const;
const plain = { ...able, reasoning: false } as const;
const seeing = { ...able, input: vision } as const;
const watching = { ...plain, input: vision, tools: false, structured: false } as const;

/**
 * Context and output limits: models.dev f3fc692 (2026-07-02), providers `alibaba` and `alibaba-cn`, the smaller number
 * where they differ; qwen3.8-max: Vercel's gateway and a blog, the smaller output. Regions: Alibaba's rate-limit page of
 * 2026-02-24 (nothing is known about hk). Vision of qwen3.5 and later: recorded with qwen3.6-plus.
 */
export const chatModels: readonly QwenModel[] = [
  {
    id: 'qwen-max',
    ...plain,
    tier: 'premium',
    contextTokens: 32_768,
    maxOutputTokens: 8_192,
    regions: ['cn', 'sg', 'hk'],
  },
  { id: 'qwen3-max', ...able, tier: 'premium', contextTokens: 262_144, maxOutputTokens: 65_536 },
  { id: 'qwen3.7-max', ...able, tier: 'premium', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  { id: 'qwen3.8-max', ...able, structured: false, tier: 'premium', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  { id: 'qwen-plus', ...able, tier: 'standard', contextTokens: 1_000_000, maxOutputTokens: 32_768 },
  { id: 'qwen3.5-plus', ...seeing, tier: 'standard', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  { id: 'qwen3.6-plus', ...seeing, tier: 'standard', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  { id: 'qwen3.7-plus', ...seeing, tier: 'standard', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  { id: 'qwen3-vl-plus', ...seeing, tier: 'standard', contextTokens: 262_144, maxOutputTokens: 32_768 },
  { id: 'qwen-vl-max', ...watching, tier: 'standard', contextTokens: 131_072, maxOutputTokens: 8_192 },
  { id: 'qwen-vl-plus', ...watching, tier: 'economy', contextTokens: 131_072, maxOutputTokens: 8_192 },
  { id: 'qwen3-235b-a22b', ...able, tier: 'standard', contextTokens: 131_072, maxOutputTokens: 16_384 },
  { id: 'qwen3-32b', ...able, tier: 'economy', contextTokens: 131_072, maxOutputTokens: 16_384 },
  { id: 'qwen3-coder-plus', ...plain, tier: 'standard', contextTokens: 1_048_576, maxOutputTokens: 65_536 },
  {
    id: 'qwq-plus',
    ...able,
    streams: 'only',
    structured: false,
    tier: 'standard',
    contextTokens: 131_072,
    maxOutputTokens: 8_192,
  },
  {
    // with text as its only output: its audio belongs to another operation
    id: 'qwen3-omni-flash',
    input: [...vision, 'audio'],
    streams: 'only',
    tools: false,
    structured: false,
    reasoning: true,
    tier: 'standard',
    contextTokens: 65_536,
    maxOutputTokens: 16_384,
    regions: ['cn', 'sg', 'hk'],
  },
  {
    id: 'qwen-omni-turbo',
    input: [...vision, 'audio'],
    streams: 'only',
    tools: false,
    structured: false,
    reasoning: false,
    tier: 'economy',
    contextTokens: 32_768,
    maxOutputTokens: 2_048,
    regions: ['cn', 'sg', 'hk'],
  },
  { id: 'qwen-flash', ...able, tier: 'economy', contextTokens: 1_000_000, maxOutputTokens: 32_768 },
  { id: 'qwen3.5-flash', ...seeing, tier: 'economy', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  { id: 'qwen3.6-flash', ...seeing, tier: 'economy', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  {
    id: 'qwen-turbo',
    ...able,
    tier: 'economy',
    contextTokens: 1_000_000,
    maxOutputTokens: 16_384,
    regions: ['cn', 'sg', 'hk'],
  },
  { id: 'qwen3-coder-flash', ...plain, tier: 'economy', contextTokens: 1_000_000, maxOutputTokens: 65_536 },
  {
    id: 'qwen-long',
    ...plain,
    tools: false,
    structured: false,
    tier: 'economy',
    contextTokens: 10_000_000,
    maxOutputTokens: 8_192,
    regions: ['cn'],
  },
];
