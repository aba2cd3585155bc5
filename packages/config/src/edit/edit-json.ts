import { applyEdits, modify } from 'jsonc-parser';
import type { Change } from './change.js';

/** The text with one value changed; everything else stays as it is written. */
export function editJson(text: string, { path, value }: Change): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ';
  const formattingOptions = { insertSpaces: !indent.startsWith('\t'), tabSize: indent.length, eol };
  const base = text.trim() === '' ? `{}${eol}` : text;
  return applyEdits(base, modify(base, [...path], value, { formattingOptions }));
}
