import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.js';
import type { Run } from '../program.js';
import { UsageError } from '../usage-error.js';

/** `llm help`: the page of a command, or of a topic that is about no single one. */
export function addHelp(program: Command, run: Run): void {
  program.helpCommand(false);
  program
    .command('help')
    .description('The page of a command, or of a topic: environment, exit-codes, formatting, dates.')
    .argument('[words...]', 'a command such as "budget report", or a topic')
    .addHelpText('after', '\nExamples:\n  llm help budget report\n  llm help exit-codes')
    .action((words: readonly string[], _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => {
        const { topics } = await import('./topics.js');
        const topic = words.length === 1 ? topics.find(({ name }) => name === words[0]) : undefined;
        if (topic !== undefined) await session.out.write(await topic.text());
        else (await commandOf(program, words)).outputHelp();
        return exitCodes.ok;
      }),
    );
}

async function commandOf(program: Command, words: readonly string[]): Promise<Command> {
  let found = program;
  for (const [index, word] of words.entries()) {
    const next = found.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (next === undefined) throw await unknown(found, words.slice(0, index + 1));
    found = next;
  }
  return found;
}

async function unknown(parent: Command, words: readonly string[]): Promise<UsageError> {
  const [{ nearestName }, { topics }] = await Promise.all([import('@vibe/config'), import('./topics.js')]);
  const names = [
    ...parent.commands.map((command) => command.name()),
    ...(words.length === 1 ? topics.map(({ name }) => name) : []),
  ];
  const before = words.slice(0, -1);
  const meant = nearestName(words.at(-1) ?? '', names);
  const hint = meant === null ? '' : ` (did you mean ${[...before, meant].join(' ')}?)`;
  return new UsageError(`There is no command and no topic ${JSON.stringify(words.join(' '))}${hint}.`, [
    'llm --help',
    ...topics.map(({ name }) => `llm help ${name}`),
  ]);
}
