import type { BillingUnit, Usage } from '@vibe/core';
import type { GeminiUsage } from './wire.js';

type Counts = GeminiUsage['promptTokensDetails'];

/**
 * Gemini's usage in disjoint units; null when it says nothing. Facts, counted over a thousand recordings: cached tokens
 * are inside the prompt, thoughts outside of the candidates, tool-use prompts outside of the prompt. What the details by
 * modality do not explain is text. Images, video and documents share a price and count as image tokens.
 */
export function geminiUsage(usage: GeminiUsage): Usage | null {
  const quantities: Partial<Record<BillingUnit, number>> = {};
  addInput(quantities, usage);
  addOutput(quantities, usage);
  if (Object.keys(quantities).length === 0) return null;
  // no answer is without a prompt: where nobody counted it, it is unknown and not free. No output is said by silence
  const whole = isSaid(usage.promptTokenCount);
  const serviceTier = servedTier(usage);
  return {
    quantities,
    unknown: !whole,
    source: whole ? 'provider' : 'partial',
    ...(serviceTier !== undefined && { serviceTier }),
  };
}

/** In the words of the price list. Facts: a priority request may be served, and billed, as a standard one. */
function servedTier({ serviceTier, trafficType }: GeminiUsage): string | undefined {
  const said = (serviceTier ?? trafficType)?.toLowerCase().replace(/^service_tier_|^on_demand_/, '');
  if (said === 'unspecified') return undefined;
  return said === 'on_demand' ? 'standard' : said;
}

function addInput(quantities: Partial<Record<BillingUnit, number>>, usage: GeminiUsage): void {
  const { promptTokenCount: prompt, cachedContentTokenCount: cached, toolUsePromptTokenCount: toolUse } = usage;
  if (isSaid(prompt) || isSaid(toolUse)) {
    const split = splitPrompt(usage);
    quantities.input_token = split.text + (toolUse ?? 0);
    if (split.audio !== undefined) quantities.input_audio_token = split.audio;
    if (split.image !== undefined) quantities.input_image_token = split.image;
  }
  if (!isSaid(cached)) return;
  // cached audio has a price of its own on some models
  const cachedAudio = Math.min(cached, audioOf(usage.cacheTokensDetails) ?? 0);
  quantities.cached_input_token = cached - cachedAudio;
  if (cachedAudio > 0) quantities['cached_input_audio_token'] = cachedAudio;
}

/**
 * The uncached prompt by modality, never more than what is left of it: details may be missing, or contradict the total. Cached
 * tokens without details are taken from the text first, the cheapest, from images next and from sound last.
 */
function splitPrompt(usage: GeminiUsage): { text: number; audio: number | undefined; image: number | undefined } {
  const audio = audioOf(usage.promptTokensDetails);
  const image = imagesOf(usage.promptTokensDetails);
  const uncached = Math.max(0, (usage.promptTokenCount ?? 0) - (usage.cachedContentTokenCount ?? 0));
  const sound = share(uncached, audio, audioOf(usage.cacheTokensDetails));
  const pictures = share(uncached - sound, image, imagesOf(usage.cacheTokensDetails));
  return {
    text: uncached - sound - pictures,
    audio: audio === undefined ? undefined : sound,
    image: image === undefined ? undefined : pictures,
  };
}

/** What of a modality is not cached, as far as there is room for it. */
function share(room: number, all = 0, cached = 0): number {
  return Math.min(room, Math.max(0, all - cached));
}

/** Facts: the details of image answers list only the image; the rest of the candidates is text. No detail adds to them. */
function addOutput(quantities: Partial<Record<BillingUnit, number>>, usage: GeminiUsage): void {
  const { candidatesTokenCount: candidates, thoughtsTokenCount: thoughts, candidatesTokensDetails: details } = usage;
  if (isSaid(candidates)) {
    const [image, audio] = [imagesOf(details), audioOf(details)];
    const pictures = share(candidates, image);
    const sound = share(candidates - pictures, audio);
    quantities.output_token = candidates - pictures - sound;
    if (audio !== undefined) quantities.output_audio_token = sound;
    if (image !== undefined) quantities.output_image_token = pictures;
  }
  if (isSaid(thoughts)) quantities.reasoning_token = thoughts;
}

function audioOf(counts: Counts): number | undefined {
  return sumOf(counts, ['AUDIO']);
}

function imagesOf(counts: Counts): number | undefined {
  return sumOf(counts, ['IMAGE', 'VIDEO', 'DOCUMENT']);
}

function sumOf(counts: Counts, modalities: readonly string[]): number | undefined {
  const found = (counts ?? []).filter(({ modality }) => isSaid(modality) && modalities.includes(modality));
  return found.length === 0 ? undefined : found.reduce((sum, { tokenCount }) => sum + (tokenCount ?? 0), 0);
}

function isSaid<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
