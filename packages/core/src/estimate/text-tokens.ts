import { TextShape, textFeatures } from './text-shape.js';
import { boundOf, weightsOf } from './token-weights.js';

/**
 * What the tokens of a text that came are at most, for any script and without a tokenizer. `family` is that of the provider
 * (`Provider.tokenFamily`); without one the bound holds for all known ones.
 */
export function textTokens(text: string, family?: string): number {
  if (text === '') return 0;
  const shape = new TextShape();
  shape.add(text);
  // The reserve for very short texts belongs to what is held, not to what is billed.
  shape.counts[textFeatures.indexOf('text')] = 0;
  return boundOf(shape, weightsOf(family));
}
