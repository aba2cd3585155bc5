import { hanClass } from './han-classes.js';
import { isKnownWord, letterNumber, maxKnownLetters } from './known-words.js';

/**
 * What kinds of characters a text has: enough to bound its tokens, whatever the tokenizer. The order of the fields is the
 * order of the weights in token-weights.ts.
 */
export const textFeatures = [
  'known', // words that every vocabulary has whole, such as `the` and `return`
  'word', // other runs of ASCII letters; camelCase is several words
  'letter', // letters of such a word behind its fourth; those behind its sixteenth count twice
  'amidWord', // the same amid known words: English, and code
  'amidLetter',
  'capital', // capitals behind another capital
  'digit',
  'mark', // ASCII punctuation
  'repeat', // ASCII punctuation that repeats the one before it
  'newline',
  'gap', // runs of two or more blanks, and further line breaks
  'latin', // Latin letters with accents
  'cyrillic',
  'greek',
  'arabic', // and Hebrew, Armenian, Syriac
  'indic', // and other scripts of South and East Asia
  'thai',
  'hangul',
  'kana',
  'han', // well-known ideographs
  'amidHan', // the same amid the commonest ones of simplified modern Chinese, whose words are in the vocabularies
  'fairHan', // ideographs that some vocabularies cut in pieces
  'rareHan', // and those that most do
  'cjkMark', // ideographic and full-width punctuation
  'symbol', // and control characters
  'emoji', // pairs of surrogates in the blocks of pictures
  'joiner', // variation selectors and zero-width joiners
  'other', // rarer ideographs, private characters, halves of pairs
  'accent', // combining marks
  'text', // texts that were added
] as const;

const [known, word, letter, amidWord, amidLetter, capital] = [0, 1, 2, 3, 4, 5] as const;
const [digit, mark, repeat, newline, gap] = [6, 7, 8, 9, 10] as const;
const [latin, cyrillic, greek, arabic, indic, thai, hangul, kana] = [11, 12, 13, 14, 15, 16, 17, 18] as const;
const [han, amidHan, fairHan, rareHan, cjkMark, symbol, emoji] = [19, 20, 21, 22, 23, 24, 25] as const;
const [joiner, other, accent, text] = [26, 27, 28, 29] as const;

const lowerCase = 1;
const upperCase = 2;
/** Two known words among so many say that a text is English or code. */
const wordsOfContext = 14;
/** One of these among so many ideographs says that they are simplified modern Chinese: neither traditional nor classical. */
const hanOfContext = 20;
const modernHan: ReadonlySet<number> = new Set(
  Array.from('们这么个还没说让给过样现动进应该经关请问题间认为对', (one) => one.charCodeAt(0)),
);

/** The counts of `textFeatures` over one or more texts. */
export class TextShape {
  readonly counts = new Float64Array(textFeatures.length);
  /** The word that is being read: its letters, and as a number (`known-words.ts`). */
  #letters = 0;
  #code = 0;
  /** Words so far, and which of them were the last two known ones. */
  #words = 0;
  #lastKnown = Number.NEGATIVE_INFINITY;
  #knownBefore = Number.NEGATIVE_INFINITY;
  #hanSinceModern = hanOfContext;

  /** One pass over the code units, without a regular expression: a megabyte costs milliseconds, whatever is in it. */
  add(added: string): void {
    const { counts } = this;
    const { length } = added;
    if (length === 0) return;
    let before = 0;
    let letterCase = 0;
    let blanks = 0;
    for (let index = 0; index < length; index++) {
      const unit = added.charCodeAt(index);
      if (isLetter(unit)) {
        const thisCase = unit >= 97 ? lowerCase : upperCase;
        if (thisCase === upperCase) {
          if (letterCase === lowerCase) this.#endWord();
          else if (letterCase === upperCase) add(counts, capital);
        }
        this.#letters++;
        if (this.#letters <= maxKnownLetters) this.#code = this.#code * 27 + letterNumber(unit);
        letterCase = thisCase;
        before = unit;
        blanks = 0;
        continue;
      }
      if (letterCase !== 0) this.#endWord();
      letterCase = 0;
      if (unit === 32 || unit === 9) {
        // One blank belongs to the word behind it; tokenizers have long runs of them in their vocabulary.
        if (++blanks % 32 === 2) add(counts, gap);
      } else {
        blanks = 0;
        if (unit === 10 || unit === 13) {
          if (before === 10 || before === 13) add(counts, gap, 0.25);
          else add(counts, newline);
        } else if (unit < 128) {
          if (isDigit(unit)) add(counts, digit);
          else if (unit < 32 || unit === 127) add(counts, symbol);
          else add(counts, unit === before ? repeat : mark);
        } else {
          add(counts, unit >= 0x4e00 && unit < 0xa000 ? this.#ideograph(unit) : featureOf(unit));
          if (unit >= 0xd800 && unit < 0xdc00) index++;
        }
      }
      before = unit;
    }
    if (letterCase !== 0) this.#endWord();
    add(counts, text);
  }

  #endWord(): void {
    const { counts } = this;
    const letters = this.#letters;
    if (letters <= maxKnownLetters && isKnownWord(this.#code)) {
      add(counts, known);
      this.#knownBefore = this.#lastKnown;
      this.#lastKnown = this.#words;
    } else {
      const isAmid = this.#words - this.#knownBefore <= wordsOfContext;
      add(counts, isAmid ? amidWord : word);
      if (letters > 4) add(counts, isAmid ? amidLetter : letter, letters - 4 + Math.max(0, letters - 16));
    }
    this.#words++;
    this.#letters = 0;
    this.#code = 0;
  }

  #ideograph(unit: number): number {
    if (modernHan.has(unit)) this.#hanSinceModern = 0;
    else this.#hanSinceModern++;
    const known = hanClass(unit);
    if (known < 2) return known === 1 ? fairHan : rareHan;
    return this.#hanSinceModern < hanOfContext ? amidHan : han;
  }
}

function isLetter(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90);
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function add(counts: Float64Array, feature: number, amount = 1): void {
  counts[feature] = (counts[feature] ?? 0) + amount;
}

/** Of a code unit beyond ASCII, ideographs aside. Blocks of the Unicode standard. */
function featureOf(unit: number): number {
  if (unit < 0x0530) {
    if (unit < 0x0250) return latin;
    if (unit < 0x0370) return accent;
    return unit < 0x0400 ? greek : cyrillic;
  }
  if (unit < 0x0860) return arabic;
  if (unit < 0x2000) return beforeSymbols(unit);
  if (unit === 0x200d || (unit >= 0xfe00 && unit <= 0xfe0f)) return joiner;
  if (unit < 0x2e80) return symbol;
  if (unit < 0x3040 || unit >= 0xff00) return cjkMark;
  if (unit < 0x3100) return kana;
  if (unit >= 0xac00 && unit < 0xd7b0) return hangul;
  // Rare ideographs (extension A, and B to H as pairs) are in no vocabulary: several tokens each.
  return unit >= 0xd83c && unit <= 0xd83e ? emoji : other;
}

function beforeSymbols(unit: number): number {
  if (unit >= 0x0e00 && unit < 0x0e80) return thai;
  return unit >= 0x1100 && unit < 0x1200 ? hangul : indic;
}
