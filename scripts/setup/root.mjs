import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Absolute path of something in the repository. */
export const inRoot = (...parts) => join(root, ...parts);

/** A JSON file of the repository, parsed. */
export const readJson = (...parts) => JSON.parse(readFileSync(inRoot(...parts), 'utf8'));

/** The JavaScript file behind a tool of the root's devDependencies, to be run with `node`: no shell, no .cmd files. */
export const tools = {
  biome: inRoot('node_modules', '@biomejs', 'biome', 'bin', 'biome'),
  changeset: inRoot('node_modules', '@changesets', 'cli', 'bin.js'),
  knip: inRoot('node_modules', 'knip', 'bin', 'knip.js'),
  pnpm: inRoot('node_modules', 'pnpm', 'bin', 'pnpm.cjs'),
  turbo: inRoot('node_modules', 'turbo', 'bin', 'turbo'),
  vitest: inRoot('node_modules', 'vitest', 'vitest.mjs'),
};
