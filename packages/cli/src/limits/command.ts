import type { Command } from 'commander';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import type { LimitsFlags } from './show.js';

/** `llm limits`: how much of the rate limits is used. */
export function addLimits(program: Command, run: Run): void {
  const limits = program.command('limits').description('Rate limits: used, allowed, and when the next request may go.');
  limits
    .command('show', { isDefault: true })
    .description('Every limited target that is in use; all of them with --all.')
    .option('--all', 'also those that nobody has called lately')
    .option('--csv', 'comma-separated values with a header')
    .addHelpText(
      'after',
      '\nExamples:\n  llm limits\n  llm limits --all --json\n  llm config set \'limits["qwen-plus"].rpm\' 60     sets one',
    )
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      const flags = command.optsWithGlobals<GlobalFlags & LimitsFlags>();
      return run(flags, async (session) => (await import('./show.js')).showLimits(session, flags));
    });
}
