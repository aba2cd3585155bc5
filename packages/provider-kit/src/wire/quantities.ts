import type { Quantities } from '@vibe/core';

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
  const left = shares(total, [cached, cacheWrite]);
  const media = shares(left.rest, [audio, image]);
  return {
    input_token: media.rest,
    ...said('cached_input_token', left.parts[0]),
    ...said('cache_write_token', left.parts[1]),
    ...said('input_audio_token', media.parts[0]),
    ...said('input_image_token', media.parts[1]),
  };
}

/** Output in disjoint units that never add up to more than `total`. Facts: 11 thoughts of 10 tokens were recorded. */
export function outputQuantities({ total, reasoning, audio, image }: OutputCounts): Quantities {
  const { parts, rest } = shares(total, [reasoning, audio, image]);
  return {
    output_token: rest,
    ...said('reasoning_token', parts[0]),
    ...said('output_audio_token', parts[1]),
    ...said('output_image_token', parts[2]),
  };
}

/** Each share as far as something is left of the total; what nobody named is left out. */
function shares(total: number, counts: readonly (number | undefined)[]) {
  let rest = total;
  const parts = counts.map((count) => {
    const part = count === undefined ? undefined : Math.min(count, rest);
    rest -= part ?? 0;
    return part;
  });
  return { parts, rest };
}

function said(unit: string, count: number | undefined): Quantities {
  return count === undefined ? {} : { [unit]: count };
}
