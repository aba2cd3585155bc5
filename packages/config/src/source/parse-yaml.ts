import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { formatPath, type Path } from '../path.js';
import { type ParsedSource, type Position, positionsIn, quoted, SourceError } from './position.js';

/** Deeper than any configuration; bounds the recursion. */
const maxDepth = 64;

/** YAML 1.2 (core schema) with the position of every part. Throws SourceError. */
export function parseYaml(text: string): ParsedSource {
  const positionOf = positionsIn(text);
  const document = readDocument(text);
  // A tag that nobody knows is a warning to the parser, and a value of unknown meaning to us.
  const [error] = [...document.errors, ...document.warnings];
  if (error?.code === 'MULTIPLE_DOCS') {
    throw new SourceError('has several YAML documents: keep one of them', positionOf(error.pos[0]));
  }
  if (error !== undefined) {
    throw new SourceError(`is no valid YAML: ${firstLine(error.message)}`, positionOf(error.pos[0]));
  }
  if (document.directives?.yaml.version !== '1.2') {
    throw new SourceError('asks for an old version of YAML: remove the line %YAML, YAML 1.2 is read', {
      line: 1,
      column: 1,
    });
  }
  const positions = new Map<string, Position>([['', { line: 1, column: 1 }]]);
  if (document.contents !== null) collect(document.contents, [], positions, positionOf);
  return { value: plainValue(document), positions };
}

function readDocument(text: string) {
  try {
    return parseDocument(text, { prettyErrors: false, logLevel: 'error', uniqueKeys: false });
  } catch (cause) {
    // Only a stack overflow by nesting gets here: everything else is in `errors`.
    throw new SourceError(`is no readable YAML: ${messageOf(cause)}`, null);
  }
}

function plainValue(document: ReturnType<typeof readDocument>): unknown {
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    // Aliases that expand into each other are refused by the parser.
    throw new SourceError(`is no readable YAML: ${messageOf(cause)}`, null);
  }
  assertFinite(value, []);
  return value;
}

/** An alias may stand inside of what it stands for: such a value has no end. */
function assertFinite(value: unknown, around: readonly object[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (around.includes(value)) throw new SourceError('has an alias (*) inside of what it stands for', null);
  for (const entry of Object.values(value)) assertFinite(entry, [...around, value]);
}

function collect(
  node: Node,
  path: Path,
  positions: Map<string, Position>,
  positionOf: (offset: number) => Position,
): void {
  if (path.length > maxDepth) {
    throw new SourceError(`is nested deeper than ${maxDepth} levels`, positionOf(node.range?.[0] ?? 0));
  }
  if (isMap<Node, Node | null>(node)) {
    // The parser would compare each key with all others.
    const names = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value ?? '') : String(key);
      if (names.has(name)) {
        throw new SourceError(`the key ${quoted(name)} is there twice`, positionOf(key.range?.[0] ?? 0));
      }
      names.add(name);
      const here = [...path, name];
      positions.set(formatPath(here), positionOf(key.range?.[0] ?? 0));
      if (value !== null) collect(value, here, positions, positionOf);
    }
  }
  if (isSeq<Node>(node)) {
    for (const [index, item] of node.items.entries()) {
      const here = [...path, index];
      positions.set(formatPath(here), positionOf(item.range?.[0] ?? 0));
      collect(item, here, positions, positionOf);
    }
  }
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? message;
  return line.replace(/"(?:[^"\\]|\\.)*"/g, (literal) => quoted(literal.slice(1, -1)));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
