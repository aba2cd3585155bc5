import { Document, isCollection, isMap, isNode, isScalar, type Node, parseDocument } from 'yaml';
import type { Change } from './change.js';

/**
 * Texts with one value changed, the most faithful first: only the scalar is replaced, or only the top entry it is in is
 * written anew, or the whole document is. The first can be wrong where YAML is context-sensitive: the caller looks.
 */
export function* editYaml(text: string, change: Change): Generator<string> {
  const spliced = withScalar(text, change);
  if (spliced !== null) yield spliced;
  try {
    const entry = withEntry(text, change);
    if (entry !== null) yield entry;
    yield rewritten(text, change);
  } catch {
    // The parser cannot put it there: behind an alias, for example.
  }
}

function withScalar(text: string, { path, value }: Change): string | null {
  if (value === undefined || (typeof value === 'object' && value !== null)) return null;
  const node = parseDocument(text, { uniqueKeys: false }).getIn([...path], true);
  if (!isScalar(node) || node.range == null || node.tag !== undefined || node.anchor !== undefined) return null;
  if (node.type?.startsWith('BLOCK') === true || node.source === '') return null;
  return `${text.slice(0, node.range[0])}${written(value, node.type)}${text.slice(node.range[1])}`;
}

/** A scalar as it stands in a file; a quoted one stays quoted. */
function written(value: unknown, type: string | undefined): string {
  const document = new Document();
  const node = document.createNode(value);
  if (isScalar(node) && typeof value === 'string' && type?.startsWith('QUOTE') === true) {
    node.type = type as NonNullable<typeof node.type>;
  }
  document.contents = node;
  return document.toString({ lineWidth: 0 }).trimEnd();
}

/** Rewrites one entry of the top mapping, or adds it behind the last one. */
function withEntry(text: string, change: Change): string | null {
  const document = parseDocument(text, { uniqueKeys: false });
  const { contents } = document;
  if (contents === null) return null;
  if (!isMap(contents) || contents.flow === true) return null;
  const [top] = change.path;
  const entry = contents.items.find(({ key }) => isScalar(key) && key.value === top);
  if (entry === undefined) {
    const before = text.endsWith('\n') ? text : `${text}${eolOf(text)}`;
    return `${before}${rewritten('', change, text)}`;
  }
  const from = isScalar(entry.key) ? entry.key.range?.[0] : undefined;
  const end = isScalar(entry.value) || isCollection(entry.value) ? entry.value.range?.[2] : undefined;
  if (from === undefined || end === undefined) return null;
  const piece = withoutFollowing(text.slice(from, end));
  const to = from + piece.length;
  const empties = change.value === undefined && change.path.length === 1;
  return `${text.slice(0, from)}${empties ? '' : rewritten(piece, change, text)}${text.slice(to)}`;
}

/** To the parser, comments behind an entry are part of it; those at the margin belong to what follows and stay as they are. */
function withoutFollowing(piece: string): string {
  const lines = piece.split(/(?<=\n)/);
  const last = lines.findLastIndex((line, index) => index === 0 || !/^(#|\s*$)/.test(line));
  return lines.slice(0, last + 1).join('');
}

/** `style` is the text whose habits are kept. */
function rewritten(text: string, { path, value }: Change, style: string = text): string {
  const document = parseDocument(text, { uniqueKeys: false });
  if (value === undefined) document.deleteIn([...path]);
  else {
    fillIn(document, path);
    const node = document.createNode(value);
    keepComments(node, document.getIn([...path], true));
    document.setIn([...path], node);
  }
  const result = document.toString({
    lineWidth: 0,
    indent: indentOf(text) ?? indentOf(style) ?? 2,
    indentSeq: !/^[^\s#-][^\n]*:[ \t]*(#[^\n]*)?\r?\n- /m.test(style),
  });
  return result.replace(/\r?\n/g, eolOf(style));
}

/** What stands before a value and beside its key is about the key: `order: # our favourites`. */
function keepComments(node: Node, before: unknown): void {
  if (!isNode(before)) return;
  // At the end of a list or mapping of several lines are comments of what was in it.
  const beside = isScalar(before) || (isCollection(before) && before.flow === true) ? before.comment : null;
  const lines = isScalar(node) ? [before.commentBefore] : [before.commentBefore, beside];
  node.commentBefore = lines.filter((line) => line != null).join('\n') || null;
  if (isScalar(node)) node.comment = beside ?? null;
  node.spaceBefore = before.spaceBefore ?? false;
}

/** `defaults:` with nothing behind it is null, which nothing can be put into. */
function fillIn(document: Document, path: Change['path']): void {
  for (let length = 1; length < path.length; length++) {
    const at = path.slice(0, length);
    const node = document.getIn(at, true);
    if (isScalar(node) && node.value === null) {
      const filled = document.createNode(typeof path[length] === 'number' ? [] : {});
      keepComments(filled, node);
      document.setIn(at, filled);
    }
  }
}

/** By how much what is in a top entry stands to the right of it: the rest of a list's entry stands further in. */
function indentOf(text: string): number | undefined {
  return /^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( {1,8})[^\s#]/m.exec(text)?.[1]?.length;
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
