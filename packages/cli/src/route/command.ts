import type { Command } from 'commander';
import { chatOptions } from '../generate/call-options.js';
import type { GenerateFlags } from '../generate/flags.js';
import type { Run } from '../program.js';
import type { GlobalFlags } from '../session.js';

/** `llm route`: why a call goes where it goes. */
export function addRoute(program: Command, run: Run): void {
  const route = program.command('route').description('Why a call goes where it goes.');
  chatOptions(route.command('explain', { isDefault: true }))
    .description('Every candidate with the parts of its score, or why it may not serve. Sends nothing.')
    .argument('[prompt...]', 'the prompt; text that is piped in is appended')
    .addHelpText(
      'after',
      '\nExamples:\n  llm route explain "Why is the sky blue?"\n  llm route explain --route cheap --max-tokens 500 < report.txt\n  llm route explain "Hello" --region cn --json | jq \'.estimate.routes[0]\'',
    )
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & GenerateFlags>();
      return run(flags, async (session) => (await import('./explain.js')).explain(session, words, flags));
    });
}
