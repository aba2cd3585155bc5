import { Command, Option } from 'commander';
import { addBudget } from './budget/command.js';
import { addConfig } from './config/command.js';
import { exitCodeHelp } from './exit-codes.js';
import { amountUsd, repeated, secondsCount, tag, temperature, timezone, wholeNumber } from './flag-values.js';
import type { GenerateFlags } from './generate/flags.js';
import { addInit } from './init/command.js';
import { addKeys } from './keys/command.js';
import { addPrices } from './prices/command.js';
import { addProviders } from './providers/command.js';
import type { GlobalFlags, OutputStream, Session } from './session.js';
import { version } from './version.js';

/** Runs a command in a session and resolves with its exit code. */
export type Run = (flags: GlobalFlags, command: (session: Session) => Promise<number>) => Promise<void>;

/** The command tree. What a command needs is imported when it runs, so that help and version stay fast. */
export function createProgram(
  run: Run,
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
): Command {
  const program = new Command('llm');
  program
    .description('Call LLM providers within your budget: every call is held, metered and written down.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text, () => undefined),
      // Errors are told by whoever runs the program, in its own form.
      writeErr: () => undefined,
    })
    .showSuggestionAfterError(true)
    .exitOverride();
  addGlobalFlags(program);
  addGenerate(program, run);
  addBudget(program, run);
  addConfig(program, run);
  addInit(program, run);
  addKeys(program, run);
  addProviders(program, run);
  addPrices(program, run);
  program.addHelpText('after', `\n${programExamples}\n\n${exitCodeHelp}`);
  return program;
}

function addGlobalFlags(program: Command): void {
  program
    .option('--json', 'print JSON; errors as JSON on stderr')
    .option('--plain', 'tab-separated tables, no colours')
    .option('--color', 'colours even when the output is no terminal')
    .option('--no-color', 'no colours (also NO_COLOR=1)')
    .option('-q, --quiet', 'no notes and warnings, only errors')
    .option('-v, --verbose', 'tell about retries; show stacks of errors')
    .option('--config <file>', 'take this file for the project configuration')
    .option('--project <dir>', 'look for vibe.config.* from this folder upwards')
    .option('--ledger <file>', 'the SQLite file that money is counted in')
    .addOption(new Option('-z, --timezone <zone>', 'IANA time zone of days and hours').argParser(timezone))
    .option('--ascii', 'no characters beyond ASCII in bars and rules')
    .option('-y, --yes', 'answer questions with yes')
    .option('--no-input', 'never ask')
    .option('--simulate', 'call a simulator on this machine, with a ledger of its own: no key, no cost');
}

function addGenerate(program: Command, run: Run): void {
  program
    .command('generate')
    .alias('g')
    .description('Ask a model. The answer goes to stdout, everything else to stderr.')
    .argument('[prompt...]', 'the prompt; text that is piped in is appended')
    .option('-m, --model <model>', 'qwen-plus, qwen/qwen-plus, qwen@sg/qwen-plus or auto')
    .option('-s, --system <text>', 'the system prompt')
    .addOption(new Option('--max-tokens <n>', 'longest answer, thinking included').argParser(wholeNumber))
    .addOption(new Option('--temperature <t>', 'randomness, 0 is the least').argParser(temperature))
    .addOption(
      new Option('--route <policy>', 'how to choose a model').choices(['smart', 'cheap', 'fast', 'quality', 'fixed']),
    )
    .addOption(new Option('--region <region>', 'allowed region; may be repeated').argParser(repeated))
    .addOption(new Option('--max-cost <usd>', 'refuse when it may cost more').argParser(amountUsd))
    .addOption(new Option('--tag <key=value>', 'kept in the ledger, selects budgets; may be repeated').argParser(tag))
    .addOption(new Option('--max-wait <s>', 'longest wait for a rate limit, in seconds').argParser(secondsCount))
    .option('--no-wait', 'fail at once instead of waiting for a rate limit')
    .option('--no-stream', 'print the answer when it is complete')
    .option('-u, --usage', 'print tokens, time and cost behind the answer')
    .option('--dry-run', 'plan and price it, send nothing')
    .addHelpText('after', `\n${generateExamples}`)
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & GenerateFlags>();
      return run(flags, async (session) => (await import('./generate/run.js')).generate(session, words, flags));
    });
}

const programExamples = `Examples:
  llm generate "Why is the sky blue?"               stream an answer
  git diff | llm g "Review this change" -m qwen-max  with piped text
  llm budget                                        what is left today
  llm generate "Hello" --simulate -u                try it without a key`;

const generateExamples = `Examples:
  llm generate "Why is the sky blue?" -u            with tokens, time and cost
  llm g "Summarise this" --max-tokens 200 < report.txt
  llm g "Translate: 你好" -m qwen-plus -s "You are a translator."
  llm g "Hello" --region cn --max-cost 0.01         only in China, at most one cent
  llm g "Hello" --dry-run                           which model, at which price, and why
  llm g "Hello" --json | jq -r .response.text`;
