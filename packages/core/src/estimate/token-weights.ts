import type { TextShape } from './text-shape.js';

/**
 * Tokens per feature of a text, in the order of `textFeatures`. Fitted (linear program: least overestimate, at most 0.5 % of the
 * texts below their true count) on 6,000 texts in 19 languages and kinds, against the
 * vocabularies of Qwen3, Gemini and o200k; rounded up. `npm run bench:estimate` measures them on another corpus.
 */
export type TokenWeights = readonly number[];

// word letter capital digit mark repeat newline gap | latin cyrillic greek arabic indic thai hangul kana | han cjkMark symbol emoji joiner other accent blend text
const qwen: TokenWeights = [
  ...[1.06, 0.28, 0.47, 1.47, 0.6, 0.25, 0.39, 1.39],
  ...[1.86, 0.52, 1.03, 1.06, 1.17, 0.68, 0.95, 0.65],
  ...[0.94, 1.44, 1.07, 1.23, 2.17, 3.0, 1.0, 0.15, 3.0],
];
const gemini: TokenWeights = [
  ...[1.03, 0.19, 0.49, 1.44, 0.78, 0.25, 0.89, 1.07],
  ...[0.78, 0.39, 0.6, 0.64, 0.81, 0.6, 0.89, 0.5],
  ...[0.88, 0.45, 1.17, 1.2, 1.0, 3.0, 1.0, 0.05, 2.69],
];
const openai: TokenWeights = [
  ...[0.96, 0.24, 0.48, 1.11, 0.67, 0.25, 0.74, 0.82],
  ...[1.0, 0.37, 0.6, 0.5, 0.6, 0.6, 0.85, 0.67],
  ...[1.08, 1.33, 1.65, 1.99, 1.0, 3.0, 1.0, 0.29, 2.49],
];
/** For models of which nothing is known: not below any of the three. */
const generic: TokenWeights = [
  ...[1.06, 0.28, 0.5, 1.47, 0.78, 0.25, 0.89, 1.39],
  ...[1.87, 0.54, 1.03, 1.06, 1.17, 0.68, 0.95, 0.68],
  ...[1.08, 1.44, 1.65, 2.14, 2.17, 3.0, 1.0, 0.37, 3.0],
];

const families: Readonly<Record<string, TokenWeights>> = { qwen, gemini, openai };

/** The weights of a family of tokenizers; those of all together for one that is not known. */
export function weightsOf(family: string | undefined): TokenWeights {
  return family !== undefined && Object.hasOwn(families, family) ? (families[family] ?? generic) : generic;
}

/** An upper bound of the tokens in what was added to the shape. */
export function boundOf({ counts }: TextShape, weights: TokenWeights): number {
  let tokens = 0;
  for (let feature = 0; feature < counts.length; feature++) tokens += (counts[feature] ?? 0) * (weights[feature] ?? 0);
  return Math.ceil(tokens);
}
