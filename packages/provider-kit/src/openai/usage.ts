import type { BillingUnit, Usage } from '@vibe/core';
import { readCount, readObject, type WireObject } from '../wire/read-field.js';

/**
 * The usage object of chat completions in disjoint units; null when it has no counts.
 *
 * `prompt_tokens` includes cached, cache-write, audio and image tokens; `completion_tokens` includes reasoning and audio
 * tokens. Two exceptions are told apart by `total_tokens`: what it has beyond prompt and completion are thoughts outside
 * of `completion_tokens` (facts: xAI, and Gemini's compatible endpoint, which does not name them otherwise).
 */
export function chatUsage(usage: WireObject): Usage | null {
  const path = '$.usage';
  const prompt = readCount(usage, 'prompt_tokens', path);
  const completion = readCount(usage, 'completion_tokens', path);
  if (prompt === undefined && completion === undefined) return null;
  const total = readCount(usage, 'total_tokens', path);
  const quantities: Partial<Record<BillingUnit, number>> = {};
  if (prompt !== undefined) addInput(quantities, usage, prompt);
  if (completion !== undefined) addOutput(quantities, usage, completion, beyond(total, prompt, completion));
  return { quantities, unknown: false, source: 'provider' };
}

function addInput(quantities: Partial<Record<BillingUnit, number>>, usage: WireObject, prompt: number): void {
  const path = '$.usage.prompt_tokens_details';
  const details = readObject(usage, 'prompt_tokens_details', '$.usage') ?? {};
  const cached =
    readCount(details, 'cached_tokens', path) ??
    readCount(usage, 'cached_tokens', '$.usage') ??
    readCount(usage, 'prompt_cache_hit_tokens', '$.usage');
  const cacheWrite = readCount(details, 'cache_creation_input_tokens', path);
  const audio = readCount(details, 'audio_tokens', path);
  const image = sum(readCount(details, 'image_tokens', path), readCount(details, 'video_tokens', path));
  quantities.input_token = Math.max(0, prompt - (cached ?? 0) - (cacheWrite ?? 0) - (audio ?? 0) - (image ?? 0));
  if (cached !== undefined) quantities.cached_input_token = cached;
  if (cacheWrite !== undefined) quantities.cache_write_token = cacheWrite;
  if (audio !== undefined) quantities.input_audio_token = audio;
  if (image !== undefined) quantities.input_image_token = image;
}

function addOutput(
  quantities: Partial<Record<BillingUnit, number>>,
  usage: WireObject,
  completion: number,
  hiddenThoughts: number,
): void {
  const path = '$.usage.completion_tokens_details';
  const details = readObject(usage, 'completion_tokens_details', '$.usage') ?? {};
  const reported = readCount(details, 'reasoning_tokens', path);
  const audio = readCount(details, 'audio_tokens', path);
  const image = readCount(details, 'image_tokens', path);
  // a count above its total was recorded (11 of 10): the total is what is billed
  const inside = hiddenThoughts > 0 ? 0 : Math.min(reported ?? 0, completion);
  quantities.output_token = Math.max(0, completion - inside - (audio ?? 0) - (image ?? 0));
  if (hiddenThoughts > 0) quantities.reasoning_token = hiddenThoughts;
  else if (reported !== undefined) quantities.reasoning_token = inside;
  if (audio !== undefined) quantities.output_audio_token = audio;
  if (image !== undefined) quantities.output_image_token = image;
}

function beyond(total: number | undefined, prompt: number | undefined, completion: number): number {
  return total === undefined || prompt === undefined ? 0 : Math.max(0, total - prompt - completion);
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : first + second;
}
