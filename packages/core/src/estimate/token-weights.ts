import type { TextShape } from './text-shape.js';

/**
 * Tokens per feature of a text, in the order of `textFeatures`. Fitted (linear program: least overestimate, few texts below
 * their true count) on 6,560 texts in 26 kinds and 14 languages, against the vocabularies of Qwen3, Gemini, o200k and cl100k;
 * rounded up. test/corpus/README.md says on which; `npm run bench:estimate` measures them on another corpus.
 */
export type TokenWeights = readonly number[];

// known word letter amidWord amidLetter capital | digit mark repeat newline gap | latin cyrillic greek arabic indic thai
// hangul kana | han amidHan fairHan rareHan cjkMark symbol emoji | joiner other accent text
const qwen: TokenWeights = [
  ...[1, 1.69, 0.23, 1.21, 0.11, 0.31],
  ...[1.43, 0.66, 0.26, 0.7, 0.74],
  ...[0.83, 0.37, 1.05, 1.08, 1.19, 0.69, 0.91, 0.61],
  ...[1, 0.71, 1.26, 2.02, 1.12, 1.09, 2.44],
  ...[2.2, 3.03, 1.01, 2],
];
const gemini: TokenWeights = [
  ...[1, 1.4, 0.19, 1.23, 0.05, 0.34],
  ...[1.35, 0.83, 0.26, 0.94, 1.11],
  ...[0.37, 0.31, 0.61, 0.65, 0.82, 0.61, 0.89, 0.35],
  ...[0.92, 0.56, 2.12, 3.03, 1.4, 1.19, 1.59],
  ...[1.01, 3.03, 1.01, 2],
];
const openai: TokenWeights = [
  ...[1, 1.59, 0.18, 1.1, 0.11, 0.31],
  ...[1.05, 0.71, 0.26, 0.77, 0.74],
  ...[0.36, 0.31, 0.61, 0.51, 0.61, 0.61, 0.87, 0.65],
  ...[1, 0.76, 2.43, 2.23, 0.95, 1.67, 2.41],
  ...[1.01, 3.03, 1.01, 2],
];
const cl100k: TokenWeights = [
  ...[1, 1.74, 0.21, 1.18, 0.1, 0.31],
  ...[1.08, 0.67, 0.37, 0.86, 0.56],
  ...[0.96, 0.5, 1.62, 1.62, 1.62, 1.62, 1.18, 0.89],
  ...[1.42, 0.88, 4.24, 3.06, 1.55, 2.02, 2.94],
  ...[2.02, 3.24, 1.52, 2],
];
/** For models of which nothing is known: not below any of the four. */
const generic: TokenWeights = [
  ...[1, 1.62, 0.21, 1.23, 0.05, 0.34],
  ...[1.34, 0.8, 0.29, 0.87, 1.15],
  ...[1.02, 0.47, 1.62, 1.62, 1.62, 1.62, 1.15, 0.87],
  ...[1.38, 0.84, 4.42, 3.03, 1.53, 2.02, 2.91],
  ...[2.2, 3.24, 1.52, 2],
];

const families: Readonly<Record<string, TokenWeights>> = { qwen, gemini, openai, cl100k };

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
