import { type Command, Option } from 'commander';
import { amountUsd } from '../flag-values.js';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import type { ListFlags } from './list.js';
import type { TestFlags } from './test.js';

/** `llm providers`: who could be called, and whether it answers as it must. */
export function addProviders(program: Command, run: Run): void {
  const providers = program.command('providers').description('Who could be called, and whether it works.');
  providers
    .command('list', { isDefault: true })
    .description('Every endpoint with its region and where its key comes from.')
    .option('--ping', 'ask every endpoint that has a key whether it answers; free')
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      const flags = command.optsWithGlobals<GlobalFlags & ListFlags>();
      return run(flags, async (session) => (await import('./list.js')).list(session, flags));
    });
  providers
    .command('show')
    .description('The endpoints and models of one provider: operations, modalities, limits.')
    .argument('<id>', 'qwen, gemini or another provider of the configuration')
    .action((id: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./show.js')).show(session, id)),
    );
  addTest(providers, run);
}

function addTest(providers: Command, run: Run): void {
  providers
    .command('test')
    .description('The contract suite and the drift check: against the simulator, or with --live the service itself.')
    .argument('<id>', 'qwen, gemini or another provider of the configuration')
    .option('--live', 'call the service: needs a key and costs money; the price is shown first')
    .option('--media', 'with --live: speech, a transcript and a picture as well, where the provider has them')
    .option('-m, --model <model>', 'the model to chat with, instead of the cheapest')
    .addOption(new Option('--max-usd <usd>', 'the budget of a live test, default 0.05').argParser(amountUsd))
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', `\n${testExamples}`)
    .action((id: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & TestFlags>();
      return run(flags, async (session) => (await import('./test.js')).test(session, id, flags));
    });
}

const testExamples = `Examples:
  llm providers test qwen                           free, without a key
  llm providers test gemini --live                  four small calls; asks before it sends them
  llm providers test gemini --live --media --max-usd 0.20 --yes
  llm providers test qwen --json | jq .totals`;
