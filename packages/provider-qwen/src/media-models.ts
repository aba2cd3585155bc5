import type { ModelManifest, Operation, Part, Region } from '@vibe/core';

/** A model of one operation besides chat. */
export interface MediaModel extends Pick<ModelManifest, 'id' | 'streams' | 'tier'> {
  readonly operation: Operation;
  readonly input: readonly Part['type'][];
  readonly output: readonly Part['type'][];
  readonly regions: readonly Region[];
}

const speaks = { operation: 'speak', input: ['text'], output: ['audio'], streams: true } as const;
const hears = { operation: 'transcribe', input: ['audio', 'file_ref'], output: ['text'], streams: true } as const;
/** Tasks: they take addresses only, which an audio part may hold as well. */
const hearsFiles = { ...hears, input: ['file_ref'], streams: false } as const;
const paints = { operation: 'paint', input: ['text'], output: ['image'], streams: false } as const;
const edits = { ...paints, input: ['text', 'image'] } as const;

/**
 * Regions: Alibaba's rate-limit page of 2026-02-24 and its pages of speech recognition (2026-03), Fun-ASR (2026-03),
 * Qwen-TTS (2026-03) and Wan (2026-09); qwen-tts and Paraformer are known for Beijing only.
 */
export const mediaModels: readonly MediaModel[] = [
  { id: 'qwen3-tts-flash', ...speaks, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'qwen3-tts-instruct-flash', ...speaks, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'qwen-tts', ...speaks, tier: 'economy', regions: ['cn'] },
  { id: 'qwen3-asr-flash', ...hears, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'qwen3-asr-flash-us', ...hears, tier: 'standard', regions: ['us'] },
  { id: 'qwen3-asr-flash-filetrans', ...hearsFiles, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'fun-asr', ...hearsFiles, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'paraformer-v2', ...hearsFiles, tier: 'economy', regions: ['cn'] },
  { id: 'qwen-image-max', ...paints, tier: 'premium', regions: ['cn', 'sg'] },
  { id: 'qwen-image-plus', ...paints, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'qwen-image-2.0-pro', ...edits, tier: 'premium', regions: ['cn', 'sg'] },
  { id: 'qwen-image-2.0', ...edits, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'wan2.6-t2i', ...paints, tier: 'premium', regions: ['cn', 'sg', 'us'] },
  { id: 'wan2.5-t2i-preview', ...paints, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'wan2.2-t2i-plus', ...paints, tier: 'standard', regions: ['cn', 'sg'] },
  { id: 'wan2.2-t2i-flash', ...paints, tier: 'economy', regions: ['cn', 'sg'] },
];
