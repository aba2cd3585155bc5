import type { BillingUnit, Usage } from '@vibe/core';
import { readCount, readObject, type WireObject } from '@vibe/provider-kit';
import { chatUsage } from '@vibe/provider-kit/openai';

type Counts = Partial<Record<BillingUnit, number>>;

const path = '$.usage';

/**
 * A usage object of DashScope in disjoint units; null when it says nothing that is billed. What bills by something else
 * than tokens names it: `seconds` or `duration` of audio, `characters` of speech, `image_count`; tokens beside it are
 * information, not a bill (facts: ASR, TTS and image pages). Otherwise tokens, in the native form or the compatible one.
 * Searches on the web are billed beside everything else.
 */
export function qwenUsage(usage: WireObject): Usage | null {
  const counts = byThing(usage) ?? byToken(usage);
  if (counts === null) return null;
  const plugins = readObject(usage, 'plugins', path) ?? {};
  const search = readObject(plugins, 'search', `${path}.plugins`) ?? {};
  const searches = readCount(search, 'count', `${path}.plugins.search`);
  const quantities = searches === undefined ? counts : { ...counts, web_search: searches };
  return { quantities, unknown: false, source: 'provider' };
}

function byThing(usage: WireObject): Counts | null {
  const seconds = readCount(usage, 'seconds', path) ?? readCount(usage, 'duration', path);
  if (seconds !== undefined) return { audio_second: seconds };
  const characters = readCount(usage, 'characters', path);
  if (characters !== undefined) return { character: characters };
  const images = readCount(usage, 'image_count', path) ?? readCount(usage, 'output_image_count', path);
  return images === undefined ? null : { image: images };
}

function byToken(usage: WireObject): Counts | null {
  const input = readCount(usage, 'input_tokens', path);
  const output = readCount(usage, 'output_tokens', path);
  if (input === undefined && output === undefined) return chatUsage(usage)?.quantities ?? null;
  return {
    ...(input !== undefined && inputCounts(usage, input)),
    ...(output !== undefined && outputCounts(usage, output)),
  };
}

/** Facts: media stand flat, in the details, or in both; cached tokens under a name of the compatible mode. */
function inputCounts(usage: WireObject, input: number): Counts {
  const details = readObject(usage, 'input_tokens_details', path) ?? {};
  const prompt = readObject(usage, 'prompt_tokens_details', path) ?? {};
  const of = (field: string) =>
    readCount(details, field, `${path}.input_tokens_details`) ?? readCount(usage, field, path);
  const inCache = (field: string) =>
    readCount(prompt, field, `${path}.prompt_tokens_details`) ??
    readCount(details, field, `${path}.input_tokens_details`);
  const [cached, written] = [inCache('cached_tokens'), inCache('cache_creation_input_tokens')];
  const audio = of('audio_tokens');
  const image = sum(of('image_tokens'), of('video_tokens'));
  return {
    input_token: Math.max(0, input - (cached ?? 0) - (written ?? 0) - (audio ?? 0) - (image ?? 0)),
    ...(cached !== undefined && { cached_input_token: cached }),
    ...(written !== undefined && { cache_write_token: written }),
    ...(audio !== undefined && { input_audio_token: audio }),
    ...(image !== undefined && { input_image_token: image }),
  };
}

function outputCounts(usage: WireObject, output: number): Counts {
  const place = `${path}.output_tokens_details`;
  const details = readObject(usage, 'output_tokens_details', path) ?? {};
  const thought = readCount(details, 'reasoning_tokens', place);
  const audio = readCount(details, 'audio_tokens', place);
  const image = readCount(details, 'image_tokens', place);
  const reasoning = Math.min(thought ?? 0, output);
  return {
    output_token: Math.max(0, output - reasoning - (audio ?? 0) - (image ?? 0)),
    ...(thought !== undefined && { reasoning_token: reasoning }),
    ...(audio !== undefined && { output_audio_token: audio }),
    ...(image !== undefined && { output_image_token: image }),
  };
}

function sum(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : first + second;
}
