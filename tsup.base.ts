import { defineConfig, type Options } from 'tsup';

/** Output name → source file, for example `{ index: 'src/index.ts' }`. */
type Entry = Record<string, string>;

const shared = {
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false, // tsup strips the `node:` prefix by default
} as const;

/** Build settings of a package that others import. */
export const library = (entry: Entry, more: Options = {}) => defineConfig({ ...shared, entry, dts: true, ...more });

/** Build settings of something that is only run: no type declarations. */
export const program = (entry: Entry, more: Options = {}) => defineConfig({ ...shared, entry, dts: false, ...more });
