import { type Command, Option } from 'commander';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import type { ModelsFlags } from './list.js';

/** `llm models`: what could answer, and what it costs. */
export function addModels(program: Command, run: Run): void {
  const models = program.command('models').description('What could answer, what it can do, and what it costs.');
  models
    .command('list', { isDefault: true })
    .description('All models of the configured providers.')
    .option('--provider <id>', 'only of this provider')
    .addOption(
      new Option('--capability <what>', 'only models that can do this').choices([
        'chat',
        'transcribe',
        'speak',
        'paint',
        'image',
        'audio',
        'tools',
        'structured',
        'reasoning',
      ]),
    )
    .addOption(new Option('--sort <by>', 'in which order').choices(['name', 'price', 'tier']))
    .option('--csv', 'comma-separated values with a header')
    .addHelpText(
      'after',
      '\nExamples:\n  llm models --capability image --sort price\n  llm models --provider qwen --json',
    )
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      const flags = command.optsWithGlobals<GlobalFlags & ModelsFlags>();
      return run(flags, async (session) => (await import('./list.js')).listModels(session, flags));
    });
  models
    .command('show')
    .description('One model: abilities, limits, endpoints and every price.')
    .argument('<model>', 'such as qwen-plus or qwen/qwen-plus')
    .addHelpText('after', '\nExamples:\n  llm models show qwen-plus')
    .action((id: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./show.js')).showModel(session, id)),
    );
}
