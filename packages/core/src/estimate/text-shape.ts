/**
 * What kinds of characters a text has: enough to bound its tokens, whatever the tokenizer. The order of the fields is the
 * order of the weights in token-weights.ts.
 */
export const textFeatures = [
  'word', // runs of ASCII letters; camelCase is several words
  'letter', // ASCII letters of a word behind its fourth; those of a word behind its sixteenth count twice
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
  'han',
  'cjkMark', // ideographic and full-width punctuation
  'symbol',
  'emoji', // pairs of surrogates in the blocks of pictures
  'joiner', // variation selectors and zero-width joiners
  'other', // rare ideographs, private characters, halves of pairs
  'accent', // combining marks
  'blend', // a letter beside a digit, as in ids, hashes and base64
  'text', // texts that were added
] as const;

const [word, letter, capital, digit, mark, repeat, newline, gap] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const [latin, cyrillic, greek, arabic, indic, thai, hangul, kana] = [8, 9, 10, 11, 12, 13, 14, 15] as const;
const [han, cjkMark, symbol, emoji, joiner, other, accent] = [16, 17, 18, 19, 20, 21, 22] as const;
const [blend, text] = [23, 24] as const;

const lowerCase = 1;
const upperCase = 2;

/** The counts of `textFeatures` over one or more texts. */
export class TextShape {
  readonly counts = new Float64Array(textFeatures.length);

  /** One pass over the code units, without a regular expression: a megabyte costs milliseconds, whatever is in it. */
  add(added: string): void {
    const { counts } = this;
    const { length } = added;
    if (length === 0) return;
    let before = 0;
    let letterCase = 0;
    let wordLetters = 0;
    let blanks = 0;
    for (let index = 0; index < length; index++) {
      const unit = added.charCodeAt(index);
      if (isLetter(unit)) {
        const thisCase = unit >= 97 ? lowerCase : upperCase;
        if (letterCase === 0 || (thisCase === upperCase && letterCase === lowerCase)) {
          add(counts, word);
          wordLetters = 0;
        } else if (thisCase === upperCase) add(counts, capital);
        wordLetters++;
        if (wordLetters > 4) add(counts, letter, wordLetters > 16 ? 2 : 1);
        if (isDigit(before)) add(counts, blend);
        letterCase = thisCase;
        before = unit;
        blanks = 0;
        continue;
      }
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
          if (isDigit(unit)) {
            add(counts, digit);
            if (isLetter(before)) add(counts, blend);
          } else add(counts, unit === before ? repeat : mark);
        } else {
          add(counts, featureOf(unit));
          if (unit >= 0xd800 && unit < 0xdc00) index++;
        }
      }
      before = unit;
    }
    add(counts, text);
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

/** Of a code unit beyond ASCII. Blocks of the Unicode standard. */
function featureOf(unit: number): number {
  // Rare ideographs (extension A, and B to H as pairs) are in no vocabulary: several tokens each.
  if (unit >= 0x4e00 && unit < 0xa000) return han;
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
  return unit >= 0xd83c && unit <= 0xd83e ? emoji : other;
}

function beforeSymbols(unit: number): number {
  if (unit >= 0x0e00 && unit < 0x0e80) return thai;
  return unit >= 0x1100 && unit < 0x1200 ? hangul : indic;
}
