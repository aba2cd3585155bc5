import { formatPath, type Path } from '../path.js';
import { type ParsedSource, type Position, positionsIn, quoted, SourceError } from './position.js';

/** Deeper than any configuration; bounds the recursion. */
const maxDepth = 64;
const space = /[ \t\r\n]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const stringLiteral = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/**
 * Strict JSON (RFC 8259) with the position of every part. Unlike JSON.parse it says where the text is wrong, and takes
 * a key that is there twice for the mistake it is. Throws SourceError.
 */
export function parseJson(text: string): ParsedSource {
  const reader = new JsonReader(text);
  const value = reader.document();
  return { value, positions: reader.positions };
}

class JsonReader {
  readonly positions = new Map<string, Position>();
  readonly #text: string;
  readonly #positionOf: (offset: number) => Position;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
    this.#positionOf = positionsIn(text);
  }

  document(): unknown {
    this.#take(space);
    const value = this.#value([]);
    this.#take(space);
    if (this.#offset < this.#text.length) throw this.#unexpected('the end of the file');
    return value;
  }

  #value(path: Path): unknown {
    if (path.length > maxDepth) throw this.#wrong(`is nested deeper than ${maxDepth} levels`);
    const formatted = formatPath(path);
    if (!this.positions.has(formatted)) this.positions.set(formatted, this.#here());
    const next = this.#text[this.#offset];
    if (next === '{') return this.#object(path);
    if (next === '[') return this.#array(path);
    if (next === '"') return this.#string();
    const literal = this.#take(scalar);
    if (literal === '') throw this.#unexpected('a value');
    return JSON.parse(literal);
  }

  #object(path: Path): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#entries('}', () => {
      const position = this.#here();
      if (this.#text[this.#offset] !== '"') throw this.#unexpected('a key in double quotes');
      const key = this.#string();
      if (Object.hasOwn(object, key)) throw new SourceError(`the key ${JSON.stringify(key)} is there twice`, position);
      this.#take(space);
      if (!this.#skip(':')) throw this.#unexpected('":"');
      this.#take(space);
      const here = [...path, key];
      this.positions.set(formatPath(here), position);
      // Not by assignment: the key may be __proto__.
      const value = this.#value(here);
      Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
    });
    return object;
  }

  #array(path: Path): unknown[] {
    const array: unknown[] = [];
    this.#entries(']', () => array.push(this.#value([...path, array.length])));
    return array;
  }

  /** What stands between two brackets, divided by commas. */
  #entries(end: '}' | ']', readEntry: () => void): void {
    this.#offset += 1;
    this.#take(space);
    if (this.#skip(end)) return;
    for (;;) {
      readEntry();
      this.#take(space);
      if (this.#skip(end)) return;
      if (!this.#skip(',')) throw this.#unexpected(`"," or "${end}"`);
      this.#take(space);
    }
  }

  #string(): string {
    const literal = this.#take(stringLiteral);
    if (literal === '') throw this.#wrong('has a text that is not closed, or a forbidden character in it');
    return JSON.parse(literal) as string;
  }

  /** What the sticky pattern matches here, skipped; '' when it does not. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text)?.[0] ?? '';
    this.#offset += match.length;
    return match;
  }

  #skip(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #here(): Position {
    return this.#positionOf(this.#offset);
  }

  #unexpected(expected: string): SourceError {
    const rest = /^\S{0,20}/.exec(this.#text.slice(this.#offset, this.#offset + 20))?.[0] ?? '';
    const found = this.#offset >= this.#text.length ? 'the file ends' : `there is ${quoted(rest)}`;
    return this.#wrong(`is no valid JSON: expected ${expected}, but ${found}`);
  }

  #wrong(message: string): SourceError {
    return new SourceError(message, this.#here());
  }
}
