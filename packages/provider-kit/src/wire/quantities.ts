import type { Quantities, Usage } from '@vibe/core';

/** The input of an answer as services count it: everything, and which share of it was cached or is no text. */
export interface InputCounts {
  readonly total: number;
  readonly cached?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly audio?: number | undefined;
  readonly image?: number | undefined;
}

/** The output of an answer: everything, and which share of it is thoughts or no text. */
export interface OutputCounts {
  readonly total: number;
  readonly reasoning?: number | undefined;
  readonly audio?: number | undefined;
  readonly image?: number | undefined;
}

/**
 * Input in disjoint units that never add up to more than `total`, whatever the shares say. Services count shares that
 * overlap: a cached image is in both. Cached tokens count first, as what they are billed; they are then taken from the
 * text, which comes first in a prompt, from images next and from sound last.
 */
export function inputQuantities({ total, cached, cacheWrite, audio, image }: InputCounts): Quantities {
  const shares = new Shares(total);
  const fromCache = shares.take(cached);
  const toCache = shares.take(cacheWrite);
  const sound = shares.take(audio);
  const pictures = shares.take(image);
  const quantities: Record<string, number> = { input_token: shares.rest };
  if (fromCache !== undefined) quantities['cached_input_token'] = fromCache;
  if (toCache !== undefined) quantities['cache_write_token'] = toCache;
  if (sound !== undefined) quantities['input_audio_token'] = sound;
  if (pictures !== undefined) quantities['input_image_token'] = pictures;
  return quantities;
}

/** Output in disjoint units that never add up to more than `total`. Facts: 11 thoughts of 10 tokens were recorded. */
export function outputQuantities({ total, reasoning, audio, image }: OutputCounts): Quantities {
  const shares = new Shares(total);
  const thoughts = shares.take(reasoning);
  const sound = shares.take(audio);
  const pictures = shares.take(image);
  const quantities: Record<string, number> = { output_token: shares.rest };
  if (thoughts !== undefined) quantities['reasoning_token'] = thoughts;
  if (sound !== undefined) quantities['output_audio_token'] = sound;
  if (pictures !== undefined) quantities['output_image_token'] = pictures;
  return quantities;
}

/**
 * The usage of an answer with a picture or sound whose share of the output nobody has named: all of the output may be that,
 * which costs several times as much as text. So it counts as that, and as not known.
 */
export function withMedia(usage: Usage, content: readonly { readonly type: string }[]): Usage {
  const { output_token: all, ...others } = usage.quantities;
  if (all === undefined || 'output_image_token' in others || 'output_audio_token' in others) return usage;
  const made = content.find(({ type }) => type === 'image' || type === 'audio')?.type;
  if (made === undefined) return usage;
  const quantities = { ...others, output_token: 0, [`output_${made}_token`]: all };
  return { ...usage, quantities, unknown: true, source: 'partial' };
}

/** Gives each share as far as something is left of the total. */
class Shares {
  rest: number;

  constructor(total: number) {
    this.rest = total;
  }

  /** What nobody named stays unnamed. */
  take(count: number | undefined): number | undefined {
    if (count === undefined) return undefined;
    const share = Math.min(count, this.rest);
    this.rest -= share;
    return share;
  }
}
