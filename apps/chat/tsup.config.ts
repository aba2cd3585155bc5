import { program } from '../../tsup.base.js';

const server = program({ main: 'src/main.ts' }, { clean: false });

/** What the browser loads: one file per page, with everything in it. */
const page = program(
  { chat: 'src/page/chat.ts', report: 'src/page/report.ts', theme: 'src/page/theme.ts' },
  { clean: false, outDir: 'dist/page', platform: 'browser', target: 'es2022', noExternal: [/./], splitting: false },
);

export default [server, page];
