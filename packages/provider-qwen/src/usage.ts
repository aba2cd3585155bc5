import type { Quantities, Usage } from '@vibe/core';
import { inputQuantities, outputQuantities, readCount, readObject, type WireObject } from '@vibe/provider-kit';
import { chatUsage } from '@vibe/provider-kit/openai';

const path = '$.usage';

/**
 * A usage object of DashScope in disjoint units; null when it says nothing that is billed. What bills by something else
 * than tokens names it: `seconds` or `duration` of audio, `characters` of speech, `image_count`; tokens beside it are
 * information, not a bill (facts: ASR, TTS and image pages). Otherwise tokens, in the native form or the compatible one.
 * Searches on the web are billed beside everything else.
 */
export function qwenUsage(usage: WireObject): Usage | null {
  const billed = byThing(usage) ?? byToken(usage);
  if (billed === null) return null;
  const plugins = readObject(usage, 'plugins', path) ?? {};
  const search = readObject(plugins, 'search', `${path}.plugins`) ?? {};
  const searches = readCount(search, 'count', `${path}.plugins.search`);
  return searches === undefined ? billed : { ...billed, quantities: { ...billed.quantities, web_search: searches } };
}

function byThing(usage: WireObject): Usage | null {
  const seconds = readCount(usage, 'seconds', path) ?? readCount(usage, 'duration', path);
  if (seconds !== undefined) return told({ audio_second: seconds });
  const characters = readCount(usage, 'characters', path);
  if (characters !== undefined) return told({ character: characters });
  const images = readCount(usage, 'image_count', path) ?? readCount(usage, 'output_image_count', path);
  return images === undefined ? null : told({ image: images });
}

/** Facts: the native API counts output in every event; when one of the two counts is missing it is unknown, not zero. */
function byToken(usage: WireObject): Usage | null {
  const input = readCount(usage, 'input_tokens', path);
  const output = readCount(usage, 'output_tokens', path);
  if (input === undefined && output === undefined) return chatUsage(usage);
  const quantities: Quantities = {
    ...(input !== undefined && inputCounts(usage, input)),
    ...(output !== undefined && outputCounts(usage, output)),
  };
  return input === undefined || output === undefined
    ? { quantities, unknown: true, source: 'partial' }
    : told(quantities);
}

/** The usage of a whole answer. */
export function readUsage(answer: WireObject): Usage | null {
  const usage = readObject(answer, 'usage', '$');
  return usage === undefined ? null : qwenUsage(usage);
}

function told(quantities: Quantities): Usage {
  return { quantities, unknown: false, source: 'provider' };
}

/** Facts: media stand flat, in the details, or in both; cached tokens under a name of the compatible mode. */
function inputCounts(usage: WireObject, total: number): Quantities {
  const details = readObject(usage, 'input_tokens_details', path) ?? {};
  const prompt = readObject(usage, 'prompt_tokens_details', path) ?? {};
  const of = (field: string) =>
    readCount(details, field, `${path}.input_tokens_details`) ?? readCount(usage, field, path);
  const inCache = (field: string) =>
    readCount(prompt, field, `${path}.prompt_tokens_details`) ??
    readCount(details, field, `${path}.input_tokens_details`);
  return inputQuantities({
    total,
    cached: inCache('cached_tokens'),
    cacheWrite: inCache('cache_creation_input_tokens'),
    audio: of('audio_tokens'),
    image: sum(of('image_tokens'), of('video_tokens')),
  });
}

function outputCounts(usage: WireObject, total: number): Quantities {
  const place = `${path}.output_tokens_details`;
  const details = readObject(usage, 'output_tokens_details', path) ?? {};
  return outputQuantities({
    total,
    reasoning: readCount(details, 'reasoning_tokens', place),
    audio: readCount(details, 'audio_tokens', place),
    image: readCount(details, 'image_tokens', place),
  });
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : first + second;
}
