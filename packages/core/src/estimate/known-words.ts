/**
 * Words of English and of programs that are one token in every vocabulary, and rare in other languages: many of them say that
 * the words between them are known too. Chosen by frequency; short words that other languages share (`in`, `on`) are left out.
 */
const words = `
the of and is for this you if or that with not be it from are all use at can get only one have may your will we when but
under other they must has what first none he she each should out there his her was were which would could their its without
into than then them used more about like make never see also how now who these some most found does did been because way up
down over such any our us two time people day life man good know think said say long little great right before after again
always off where own while between through every both just being there those very much many same part work need want take
give back here well still even through until during since against whether however another using based following given called
const string return file error name number code true false null self default new object set value data array input output
index text path key image test class public void async await import export function static int char var let else case break
print null undefined boolean length type options request response message status content version description license model
user title date url list line size result source event server client method field string bool float double struct include
define throw catch try finally yield extends interface enum private protected readonly typeof require module package
`;

/** Longer words are not looked up: their number would not be exact any more. */
export const maxKnownLetters = 10;

/** A word as a number, letter by letter: `code * 27 + letterNumber`, with `a` as 1, capitals like small letters. */
const known: ReadonlySet<number> = new Set(
  words
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(codeOf),
);

function codeOf(word: string): number {
  let code = 0;
  for (let index = 0; index < word.length; index++) code = code * 27 + letterNumber(word.charCodeAt(index));
  return code;
}

/** 1 for `a` and `A`. */
export function letterNumber(unit: number): number {
  return unit & 31;
}

export function isKnownWord(code: number): boolean {
  return known.has(code);
}
