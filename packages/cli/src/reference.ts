import type { Command } from 'commander';
import { exitCodeHelp } from './exit-codes.js';
import { topics } from './help/topics.js';

const title = `# The command line

Made from the help pages of \`llm\` (also installed as \`vibe\`): every page below is what \`llm … --help\` prints. A test holds
this file to the program; it is written anew with \`VIBE_WRITE_DOCS=1 npm test -- packages/cli/src/reference.test.ts\`.

Answers and tables go to stdout, everything else to stderr. On a terminal tables fit its width: columns are left out and
long names shortened, numbers never. In a pipe, and with \`--plain\`, tables are tab-separated with exact numbers; \`--csv\`
and \`--json\` are there for every table. JSON is one envelope: \`schema\`, \`generated_at\`, \`timezone\`, \`query\`, \`rows\`,
\`totals\`, \`warnings\`; money is a decimal text with the exact integer beside it as \`*_nano_usd\`; unknown is \`null\`, never 0.
An error with \`--json\` is one line on stderr: \`{"error":{…}}\`; what each code means is in [errors](errors/README.md).

${exitCodeHelp.replace(/ ·\s+/g, '\n- ').replace('Exit codes: ', 'Exit codes:\n\n- ')}
`;

/** `docs/cli.md`: every help page in the order of the tree, then the topics. */
export async function cliReference(program: Command): Promise<string> {
  const pages = pagesOf(program, [program.name()]);
  const texts = await Promise.all(
    topics.map(async ({ name, text }) => `## \`llm help ${name}\`\n\n\`\`\`text\n${await text()}\`\`\`\n`),
  );
  return `${title}\n${[...pages, ...texts].join('\n')}`;
}

function pagesOf(command: Command, path: readonly string[]): readonly string[] {
  // The flags of the root stand on its own page; everybody has them.
  command.configureHelp({ showGlobalOptions: false, helpWidth: 100 });
  const heading = '#'.repeat(Math.min(path.length + 1, 4));
  const page = `${heading} \`${path.join(' ')}\`\n\n\`\`\`text\n${helpOf(command)}\`\`\`\n`;
  return [page, ...command.commands.flatMap((child) => pagesOf(child, [...path, child.name()]))];
}

/** With the examples behind it, which commander adds only when it prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (written) => {
      text += written;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd().concat('\n');
}
