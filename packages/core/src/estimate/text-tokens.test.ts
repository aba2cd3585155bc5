import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextShape, textFeatures } from './text-shape.js';
import { boundOf, weightsOf } from './token-weights.js';

interface CountedText {
  /** `english`, `chinese`, `code`, `json`, `emoji`, `mixed`. */
  readonly kind: string;
  readonly text: string;
  /** True counts by Qwen3's vocabulary, Gemini's, o200k and cl100k. */
  readonly tokens: Readonly<Record<'qwen' | 'gemini' | 'openai' | 'cl100k', number>>;
}

/** Counted once with the real tokenizers (test/corpus/README.md); the weights were fitted on other texts. */
const corpus = JSON.parse(
  gunzipSync(readFileSync(new URL('../../test/corpus/corpus.json.gz', import.meta.url))).toString('utf8'),
) as readonly CountedText[];

function bound(text: string, family?: string): number {
  const shape = new TextShape();
  shape.add(text);
  return boundOf(shape, weightsOf(family));
}

const families = ['qwen', 'gemini', 'openai', 'cl100k'] as const;
const kinds = [...new Set(corpus.map(({ kind }) => kind))];

describe.each(families)('the bound for the vocabulary of %s', (family) => {
  const ratios = corpus.map(({ kind, text, tokens }) => ({ kind, ratio: bound(text, family) / tokens[family] }));
  const mean = (of: typeof ratios) => of.reduce((sum, { ratio }) => sum + ratio, 0) / of.length;

  it('is not below the true count of at least 99.5 % of the corpus', () => {
    const below = ratios.filter(({ ratio }) => ratio < 1);
    expect(below.length / ratios.length).toBeLessThanOrEqual(0.005);
  });

  it('is on average at most 35 % above it', () => {
    expect(mean(ratios)).toBeLessThanOrEqual(1.35);
  });

  it.each(kinds)('is far off for no kind of text: %s', (kind) => {
    const own = ratios.filter((entry) => entry.kind === kind);
    expect(own.length).toBeGreaterThan(30);
    expect(mean(own)).toBeLessThanOrEqual(1.38);
  });
});

it('the bound for models of which nothing is known holds for all of them', () => {
  const below = corpus.filter(({ text, tokens }) => bound(text) < Math.max(...Object.values(tokens)));
  expect(below.length / corpus.length).toBeLessThanOrEqual(0.005);
});

describe('the bound of any text', () => {
  it('grows with the text, and is about the sum of its parts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (first, second) => {
        expect(bound(first + second)).toBeGreaterThanOrEqual(Math.max(bound(first), bound(second)) - 3);
        expect(bound(first + second)).toBeLessThanOrEqual(bound(first) + bound(second) + 3);
      }),
    );
  });

  it('takes half of a surrogate pair and other broken text', () => {
    for (const text of ['\ud83d', '\ude00', '\ud83d\ud83d', '\0\u0001', '\ufffe'])
      expect(bound(text)).toBeGreaterThan(0);
  });

  it('looks at every code unit once, whatever is in a megabyte', () => {
    const million = 1_000_000;
    for (const unit of ['a', 'A', ' ', '\n', '1', '(', '中', 'あ', 'é', '\u200d', 'aA', ' \n', '中文，', '😀']) {
      const text = unit.repeat(million / unit.length);
      let reads = 0;
      // the same methods, counted: nothing else of a text is used
      const charCodeAt = (at: number): number => {
        reads++;
        return text.charCodeAt(at);
      };
      const counted = { length: text.length, charCodeAt };
      new TextShape().add(counted as unknown as string);
      expect(reads).toBeLessThanOrEqual(text.length);
      expect(bound(text)).toBeGreaterThan(0);
    }
  });

  it('knows a weight for every feature', () => {
    for (const family of [...families, undefined]) expect(weightsOf(family)).toHaveLength(textFeatures.length);
    expect(weightsOf('toString')).toBe(weightsOf(undefined));
  });
});
