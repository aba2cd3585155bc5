import type { Quantities, Usage } from '@vibe/core';
import { inputQuantities, outputQuantities } from '../wire/quantities.js';
import { readCount, readObject, type WireObject } from '../wire/read-field.js';

/**
 * The usage object of chat completions in disjoint units; null when it has no counts.
 *
 * `prompt_tokens` includes cached, cache-write, audio and image tokens; `completion_tokens` includes reasoning and audio
 * tokens. Two exceptions are told apart by `total_tokens`: what it has beyond prompt and completion are thoughts outside
 * of `completion_tokens` (facts: xAI, and Gemini's compatible endpoint, which does not name them otherwise).
 *
 * When only one of prompt and completion is said, the other is unknown, not zero.
 */
export function chatUsage(usage: WireObject): Usage | null {
  const path = '$.usage';
  const prompt = readCount(usage, 'prompt_tokens', path);
  const completion = readCount(usage, 'completion_tokens', path);
  const total = readCount(usage, 'total_tokens', path);
  if (prompt === undefined && completion === undefined) return null;
  const quantities: Quantities = Object.assign(
    {},
    prompt === undefined ? null : inputOf(usage, prompt),
    completion === undefined ? null : outputOf(usage, completion, beyond(total, prompt, completion)),
  );
  const whole = prompt !== undefined && completion !== undefined;
  return { quantities, unknown: !whole, source: whole ? 'provider' : 'partial' };
}

function inputOf(usage: WireObject, total: number): Quantities {
  const path = '$.usage.prompt_tokens_details';
  const details = readObject(usage, 'prompt_tokens_details', '$.usage') ?? {};
  return inputQuantities({
    total,
    cached:
      readCount(details, 'cached_tokens', path) ??
      readCount(usage, 'cached_tokens', '$.usage') ??
      readCount(usage, 'prompt_cache_hit_tokens', '$.usage'),
    // the second name is OpenRouter's
    cacheWrite:
      readCount(details, 'cache_creation_input_tokens', path) ?? readCount(details, 'cache_write_tokens', path),
    audio: readCount(details, 'audio_tokens', path),
    image: sum(readCount(details, 'image_tokens', path), readCount(details, 'video_tokens', path)),
  });
}

function outputOf(usage: WireObject, total: number, hiddenThoughts: number): Quantities {
  const path = '$.usage.completion_tokens_details';
  const details = readObject(usage, 'completion_tokens_details', '$.usage') ?? {};
  const quantities = outputQuantities({
    total,
    // Thoughts outside of the total are not a share of it.
    reasoning: hiddenThoughts > 0 ? undefined : readCount(details, 'reasoning_tokens', path),
    audio: readCount(details, 'audio_tokens', path),
    image: readCount(details, 'image_tokens', path),
  });
  return hiddenThoughts > 0 ? { ...quantities, reasoning_token: hiddenThoughts } : quantities;
}

function beyond(total: number | undefined, prompt: number | undefined, completion: number): number {
  return total === undefined || prompt === undefined ? 0 : Math.max(0, total - prompt - completion);
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : first + second;
}
