import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';
import type { GlobalFlags } from '../session.js';
import type { ImportFlags } from './import.js';
import type { PriceFilter } from './list.js';

/** `llm prices`: what calls cost, where that was read, and how to change it. */
export function addPrices(program: Command, run: Run): void {
  const prices = program.command('prices').description('What models cost, by whose word, and since when.');
  const at = () => new Option('--at <day>', 'the prices of that day (YYYY-MM-DD), midnight UTC').argParser(day);
  prices
    .command('list', { isDefault: true })
    .description('The price of every model in every region, your own first.')
    .option('--provider <id>', 'only this provider')
    .option('--region <region>', 'only this region')
    .addOption(at())
    .allowExcessArguments()
    .action(async (_flags: unknown, command: Command) => {
      await refuseWords(command);
      const flags = command.optsWithGlobals<GlobalFlags & PriceFilter>();
      return run(flags, async (session) => (await import('./list.js')).list(session, flags));
    });
  prices
    .command('show')
    .description('Every row behind the price of a model: tiers, dates, source, age, what other sources say.')
    .argument('<model>', 'qwen-plus or qwen/qwen-plus')
    .option('--provider <id>', 'only this provider')
    .option('--region <region>', 'only this region')
    .addOption(at())
    .action((model: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & PriceFilter>();
      return run(flags, async (session) => (await import('./show.js')).show(session, model, flags));
    });
  prices
    .command('check')
    .description(
      'Gaps, overlaps, prices that moved more than tenfold, models without a price, age; exit code 1 for errors.',
    )
    .argument('[file]', 'check the rows of a price file instead')
    .action((file: string | undefined, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./check.js')).check(session, file)),
    );
  addImports(prices, run);
}

function addImports(prices: Command, run: Run): void {
  const add = (name: 'diff' | 'import', description: string): Command =>
    prices
      .command(name)
      .description(description)
      .argument('<file>', 'JSON of models.dev, LiteLLM or genai-prices, or a file with `prices`')
      .option('--model <text>', 'only models whose name contains this')
      .option('--provider <id>', 'only this provider')
      .option('--region <region>', 'only this region')
      .option('--as <name=provider@region>', 'whose a provider of the file is here')
      .option('--new-models', 'also models that have no price yet')
      .addHelpText('after', `\n${importExamples}`);
  add('diff', 'What a price file says differently. Writes nothing.').action(
    (file: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & ImportFlags>();
      return run(flags, async (session) => (await import('./import.js')).diff(session, file, flags));
    },
  );
  add('import', 'Shows the difference, and writes it into the configuration after a yes.')
    .option('--user', "into the user's file instead of the project's")
    .option('-y, --yes', 'do not ask')
    .action((file: string, _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & ImportFlags>();
      return run(flags, async (session) => (await import('./import.js')).importPrices(session, file, flags));
    });
}

function day(text: string): number {
  const atMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('It takes a day, such as 2026-12-01.');
  return atMs;
}

const importExamples = `Examples:
  llm prices diff api.json                          models.dev against the prices in force
  llm prices diff litellm.json --provider gemini --json | jq .totals
  llm prices import api.json --model qwen3.7 --yes
  llm prices import litellm.json --as openai=openai@global --new-models`;
