import { type Command, Option } from 'commander';
import type { Run } from '../program.js';
import type { GlobalFlags } from '../session.js';
import type { InitFlags } from './init.js';

/** `llm init`: a first config file. */
export function addInit(program: Command, run: Run): void {
  program
    .command('init')
    .description('Write a first vibe.config.yaml here, with comments. Nothing that is there is replaced.')
    .option('--user', 'the file of the user instead')
    .addOption(new Option('--format <format>', 'yaml has comments').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', `\n${examples}`)
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & InitFlags>();
      return run(flags, async (session) => (await import('./init.js')).init(session, flags));
    });
}

const examples = `Examples:
  llm init                                          for this project
  llm init --user                                   for everything you do on this machine`;
