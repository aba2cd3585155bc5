import type { ModelManifest } from '../spec/provider.js';
import type { Quantities } from '../spec/usage.js';

/** Tokens as the conventions count them: totals that include their parts. Undefined: nobody said. */
export interface TokenCounts {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly reasoning: number | undefined;
}

export type Modality = 'text' | 'audio' | 'image' | 'unknown';

const inputUnits = ['input_token', 'cached_input_token', 'cache_write_token', 'input_audio_token', 'input_image_token'];
const outputUnits = ['output_token', 'reasoning_token', 'output_audio_token', 'output_image_token'];

/** Billing units are disjoint; the totals of the conventions are their sums. */
export function tokenCountsOf(quantities: Quantities): TokenCounts {
  return {
    input: sumOf(quantities, inputUnits),
    output: sumOf(quantities, outputUnits),
    cacheRead: quantities['cached_input_token'],
    cacheWrite: quantities['cache_write_token'],
    reasoning: quantities['reasoning_token'],
  };
}

/** The total of one side, by modality. What has no unit of its own is text where the model knows nothing else. */
export function byModality(
  quantities: Quantities,
  side: 'input' | 'output',
  manifest: ModelManifest,
): readonly (readonly [Modality, number])[] {
  const total = sumOf(quantities, side === 'input' ? inputUnits : outputUnits);
  if (total === undefined) return [];
  const audio = quantities[`${side}_audio_token`];
  const image = quantities[`${side}_image_token`];
  const isBrokenDown = audio !== undefined || image !== undefined;
  const rest = total - (audio ?? 0) - (image ?? 0);
  const counts: [Modality, number][] = [];
  if (audio !== undefined) counts.push(['audio', audio]);
  if (image !== undefined) counts.push(['image', image]);
  if (rest > 0 || !isBrokenDown) counts.push([restModality(manifest[side], isBrokenDown), rest]);
  return counts;
}

/** The modality of text units and of those (cached, reasoning) that no provider breaks down. */
export function restModality(parts: ModelManifest['input'], isBrokenDown = false): Modality {
  return isBrokenDown || parts.every((part) => part === 'text' || part === 'reasoning' || part.startsWith('tool_'))
    ? 'text'
    : 'unknown';
}

function sumOf(quantities: Quantities, units: readonly string[]): number | undefined {
  let sum: number | undefined;
  for (const unit of units) {
    const quantity = quantities[unit];
    if (quantity !== undefined) sum = (sum ?? 0) + quantity;
  }
  return sum;
}
