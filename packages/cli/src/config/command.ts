import type { Command } from 'commander';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import type { EditFlags } from './edit.js';

/** `llm config`: where settings come from, and changing them. */
export function addConfig(program: Command, run: Run): void {
  const config = program.command('config').description('Where settings come from, and changing them.');
  const add = (name: 'show' | 'path' | 'validate' | 'schema', description: string, isDefault: boolean) =>
    config
      .command(name, { isDefault })
      .description(description)
      .allowExcessArguments()
      .action(async (_flags: unknown, command: Command) => {
        await refuseWords(command);
        return run(command.optsWithGlobals(), async (session) => (await import('./commands.js'))[name](session));
      });
  add('show', 'Every setting with the file and line it comes from.', true);
  config
    .command('get')
    .description('One setting, or all below a key. Exit code 1 when nothing sets it.')
    .argument('<key>', 'mode, budgets[0].limitUsd, limits["qwen3.5-plus"], router')
    .action((key: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./get.js')).get(session, key)),
    );
  config
    .command('set')
    .description('Write a setting into the project file; comments and layout stay.')
    .argument('<key>', 'mode, budgets[0].limitUsd, limits["qwen3.5-plus"].rpm')
    .argument('<value>', 'a text, a number, true, or JSON')
    .option('--user', 'into the file of the user')
    .addHelpText('after', `\n${setExamples}`)
    .action((key: string, value: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & EditFlags>();
      return run(flags, async (session) => (await import('./edit.js')).set(session, flags, key, value));
    });
  config
    .command('unset')
    .description('Take a setting out of the project file, and what it leaves empty.')
    .argument('<key>', 'mode, budgets[0], limits["qwen3.5-plus"].rpm')
    .option('--user', 'out of the file of the user')
    .action((key: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & EditFlags>();
      return run(flags, async (session) => (await import('./edit.js')).unset(session, flags, key));
    });
  add('path', 'The files that are read.', false);
  add('validate', 'Check all files and the plugins they name; exit code 7 when something is wrong.', false);
  add('schema', 'The JSON Schema of config files, for editors.', false);
}

const setExamples = `Examples:
  llm config set mode strict_budget
  llm config set budgets[0].limitUsd 5 --user
  llm config set 'limits["qwen3.5-plus"].rpm' 60
  llm config set router.order '["qwen-plus","gemini-2.5-flash"]'`;
