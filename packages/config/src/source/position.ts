/** A place in a text file. Both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed file: its value, and where each part of it stands, by formatted path (`''` is the root). */
export interface ParsedSource {
  readonly value: unknown;
  /** Of the key for values in a mapping, of the value itself in a list. */
  readonly positions: ReadonlyMap<string, Position>;
}

/** A file cannot be read, or is no JSON or YAML. `message` says what is wrong and goes on after the file's name. */
export class SourceError extends Error {
  /** Null: the file as a whole. */
  readonly position: Position | null;

  constructor(message: string, position: Position | null) {
    super(message);
    this.position = position;
  }
}

/** Longer words may be keys. */
const maxQuoted = 8;

/** A piece of a file for a message: of a long word only the beginning, because it may be a secret. */
export function quoted(text: string): string {
  return JSON.stringify(
    text.replace(/[^\s"':,{}[\]]+/g, (word) => (word.length > maxQuoted ? `${word.slice(0, 3)}…` : word)),
  );
}

/** Turns offsets of a text into positions. */
export function positionsIn(text: string): (offset: number) => Position {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let first = 0;
    let last = starts.length - 1;
    while (first < last) {
      const middle = Math.ceil((first + last) / 2);
      if ((starts[middle] ?? 0) <= offset) first = middle;
      else last = middle - 1;
    }
    return { line: first + 1, column: offset - (starts[first] ?? 0) + 1 };
  };
}
