import { readFileSync } from 'node:fs';
import { bundling, program } from '../../tsup.base.js';

/**
 * What every start needs is in our own files: finding and reading the hundreds of files of zod, yaml and commander takes
 * longer than all the rest of `llm budget today`. Core and the plugins stay packages: there must be one of each.
 */
const thirdParty = ['commander', 'jsonc-parser', 'picocolors', 'yaml', 'zod'];

/** Some of them are CommonJS and ask for modules of Node. */
const banner = {
  js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
};

/** The error texts of zod in forty languages: nobody asks for them, and half of its start goes into them. */
const oneLanguage = {
  name: 'one-language',
  setup(build: { onLoad(options: { filter: RegExp }, load: () => { contents: string; loader: 'js' }): void }): void {
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

/** For commands that are programs of their own; ours are not, and what it loads with it is a tenth of the start. */
const noChildPrograms = {
  name: 'no-child-programs',
  setup(build: {
    onLoad(options: { filter: RegExp }, load: (file: { path: string }) => { contents: string }): void;
  }): void {
    build.onLoad({ filter: /commander\/lib\/command\.js$/ }, ({ path }) => {
      const eager = "const childProcess = require('node:child_process');";
      const text = readFileSync(path, 'utf8');
      if (!text.includes(eager)) throw new Error('commander loads node:child_process in another way now.');
      return {
        contents: text.replace(
          eager,
          "const childProcess = { spawn: (...all) => require('node:child_process').spawn(...all) };",
        ),
      };
    });
  },
};

const bundled = bundling(import.meta.url, thirdParty, { 'jsonc-parser': '../config/' });

export default program(
  { bin: 'src/bin.ts' },
  {
    ...bundled,
    noExternal: ['@vibe/config', ...thirdParty],
    esbuildPlugins: [oneLanguage, noChildPrograms],
    minify: true,
    banner,
  },
);
