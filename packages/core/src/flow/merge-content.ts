import type { Part } from '../spec/content.js';

/**
 * Appends a delta to the content collected so far. Pieces of text (or reasoning) that follow each other become one
 * part; a part that carries `providerData` stays as it is, because the data belongs to exactly that part.
 */
export function appendPart(content: Part[], part: Part): void {
  const last = content.at(-1);
  const joins =
    last !== undefined && last.type === part.type && last.providerData === undefined && part.providerData === undefined;
  if (
    joins &&
    (part.type === 'text' || part.type === 'reasoning') &&
    (last.type === 'text' || last.type === 'reasoning')
  ) {
    (last as { text: string }).text += part.text;
  } else {
    // A copy, because what follows is added to it.
    content.push({ ...part });
  }
}

/** All text parts, joined; without reasoning. */
export function textOf(content: readonly Part[]): string {
  let text = '';
  for (const part of content) if (part.type === 'text') text += part.text;
  return text;
}
