const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours
const colours = /\u001b\[[\d;]*m/g;
const emoji = /\p{Emoji_Presentation}|\uFE0F/u;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;

/** Code points that take two columns: East Asian Wide and Fullwidth (Unicode 16, UAX #11), ranges joined where nothing narrow lies between. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2fb],
  [0x20000, 0x3fffd],
];

/** How many columns of a terminal a text takes. Colours take none, CJK and emoji two. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text.replace(colours, ''))) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(segment: string): number {
  if (invisible.test(segment)) return 0;
  if (emoji.test(segment)) return 2;
  const point = segment.codePointAt(0) ?? 0;
  return wide.some(([from, to]) => point >= from && point <= to) ? 2 : 1;
}

/** `text` with spaces up to `width`; longer texts stay as they are. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/** At most `width` columns: what is too much is left out of the middle, because both ends of a name tell it from others. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  const room = Math.max(0, width - 1);
  const head = taken(parts, Math.ceil(room / 2));
  const tail = taken([...parts].reverse(), room - textWidth(head.join('')));
  return `${head.join('')}…${tail.reverse().join('')}`;
}

function taken(parts: readonly string[], width: number): string[] {
  const some: string[] = [];
  let left = width;
  for (const part of parts) {
    left -= graphemeWidth(part);
    if (left < 0) break;
    some.push(part);
  }
  return some;
}

/**
 * Lines of at most `width` columns, broken at spaces; a longer word stays whole. Line breaks in the text are kept, and
 * what goes on from an indented line is indented a little more.
 */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const indent = /^ */.exec(paragraph)?.[0] ?? '';
    const hanging = indent === '' ? '' : `${indent}  `;
    const [first = '', ...words] = paragraph.slice(indent.length).split(' ');
    const lines: string[] = [];
    let line = indent + first;
    for (const word of words) {
      if (textWidth(line) + 1 + textWidth(word) > width) {
        lines.push(line);
        line = hanging + word;
      } else {
        line = `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}
