import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Packages of others whose code goes into the bundle. Their licences want to travel with them, and stand beside it.
 *
 * @param config `import.meta.url` of the package's tsup.config.ts.
 * @param owners Whose node_modules has a package that is not in its own: name → folder.
 */
export const bundling = (
  config: string,
  names: readonly string[],
  owners: Readonly<Record<string, string>> = {},
): Pick<Options, 'noExternal' | 'onSuccess'> => ({
  noExternal: [...names],
  onSuccess: async () => {
    const texts = names.map((name) => {
      const folder = new URL(`${owners[name] ?? './'}node_modules/${name}/`, config);
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${name} is bundled and has no licence file.`);
      return `${name}\n\n${readFileSync(new URL(file, folder), 'utf8').trim()}\n`;
    });
    writeFileSync(
      new URL('dist/third-party-notices.txt', config),
      `Parts of these packages are in the files of this folder.\n\n${texts.join('\n\n---\n\n')}`,
    );
  },
});
