import { applyEdits, findNodeAtLocation, modify, parseTree } from 'jsonc-parser';
import type { Change } from './change.js';

/** The text with one value changed; everything else stays as it is written. */
export function editJson(text: string, { path, value }: Change): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  const formattingOptions = { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol };
  const base = text.trim() === '' ? `{}${eol}` : text;
  const shorter = value === undefined ? withoutLastItem(base, path) : null;
  return shorter ?? applyEdits(base, modify(base, [...path], value, { formattingOptions }));
}

/** `modify` takes the last item of a list for one that a line break follows: `["cn", "sg"]` would become `["cn""]`. */
function withoutLastItem(text: string, path: Change['path']): string | null {
  const root = parseTree(text);
  const index = path.at(-1);
  if (root === undefined || typeof index !== 'number' || index === 0) return null;
  const items = findNodeAtLocation(root, path.slice(0, -1))?.children ?? [];
  const [before, item] = [items[index - 1], items[index]];
  if (before === undefined || item === undefined || index < items.length - 1) return null;
  return `${text.slice(0, before.offset + before.length)}${text.slice(item.offset + item.length)}`;
}
