import { type Command, Option } from 'commander';
import { wholeNumber } from '../flag-values.js';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import type { LogFlags } from './list.js';

/** `llm logs`: what was called, row by row. */
export function addLogs(program: Command, run: Run): void {
  const logs = program.command('logs').description('What was called: a line per attempt, newest first.');
  const options = (command: Command) =>
    command
      .addOption(
        new Option('--status <status>', 'only these').choices(['ok', 'failed', 'cancelled', 'blocked', 'expired']),
      )
      .option('-m, --model <model>', 'only of this model')
      .option('--provider <provider>', 'only of this provider')
      .addOption(new Option('-n, --limit <n>', 'how many (default 20)').argParser(wholeNumber))
      .option('--csv', 'comma-separated values with a header');
  options(logs.command('list', { isDefault: true }))
    .description('The latest attempts.')
    .option('--since <day>', 'first day: today, 7d, 2026-11-22')
    .option('--until <day>', 'last day, inclusive')
    .addHelpText('after', '\nExamples:\n  llm logs --status failed\n  llm logs -n 100 --json | jq .rows[].error_code')
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      const flags = command.optsWithGlobals<GlobalFlags & LogFlags>();
      return run(flags, async (session) => (await import('./list.js')).listLogs(session, flags));
    });
  logs
    .command('show')
    .description('Everything the ledger knows about one call. Prompts and answers are not stored.')
    .argument('<call>', 'id of the call, or the beginning or end of it')
    .addHelpText('after', '\nExamples:\n  llm logs show 019ab3')
    .action((callId: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./show.js')).showCall(session, callId)),
    );
  options(logs.command('tail'))
    .description('New attempts as they end; Ctrl-C ends it.')
    .addHelpText('after', '\nExamples:\n  llm logs tail --status failed\n  llm logs tail --json')
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & LogFlags>();
      return run(flags, async (session) => (await import('./tail.js')).tailLogs(session, flags));
    });
}
