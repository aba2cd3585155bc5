import { expect, it } from 'vitest';
import { readPaths } from './read-paths.js';

interface Toy {
  readonly text: string;
  readonly usage?: { readonly tokens?: number; readonly ignored?: number };
  readonly list: readonly { readonly name: string; readonly other: string }[];
  readonly input: object;
}

const documents = [
  { id: 'x', text: 'a', usage: { tokens: 1, ignored: 2 }, list: [{ name: 'n', other: 'o' }], input: { any: 1 } },
];

it('finds what is read, at any depth, and nothing else', async () => {
  const outcome = async ([document]: readonly unknown[]) => {
    const { text, usage, list, input } = document as Toy;
    if (typeof text !== 'string') throw new Error('no text');
    return [text, usage?.tokens ?? null, list.map(({ name }) => name), input];
  };
  expect(await readPaths(documents, outcome, ['input'])).toEqual([
    'text',
    'usage',
    'usage.tokens',
    'list',
    'list[].name',
    'input',
  ]);
});

it('finds nothing where nothing is read', async () => {
  expect(await readPaths(documents, async () => undefined)).toEqual([]);
});
