import { Command, Option } from 'commander';
import { addBudget } from './budget/command.js';
import { addCompletion } from './completion/command.js';
import { addConfig } from './config/command.js';
import { addDoctor } from './doctor/command.js';
import { exitCodeHelp } from './exit-codes.js';
import { timezone } from './flag-values.js';
import { addCalls } from './generate/command.js';
import { addHelp } from './help/command.js';
import { addInit } from './init/command.js';
import { addKeys } from './keys/command.js';
import { addLedger } from './ledger/command.js';
import { addLimits } from './limits/command.js';
import { addLogs } from './logs/command.js';
import { addModels } from './models/command.js';
import { addPrices } from './prices/command.js';
import { addProviders } from './providers/command.js';
import { addRoute } from './route/command.js';
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
  addCalls(program, run);
  addBudget(program, run);
  addCompletion(program, run);
  addConfig(program, run);
  addInit(program, run);
  addKeys(program, run);
  addLedger(program, run);
  addLimits(program, run);
  addLogs(program, run);
  addModels(program, run);
  addProviders(program, run);
  addDoctor(program, run);
  addPrices(program, run);
  addRoute(program, run);
  addHelp(program, run);
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

const programExamples = `Examples:
  llm generate "Why is the sky blue?"               stream an answer
  git diff | llm g "Review this change" -m qwen-max  with piped text
  llm budget                                        what is left today
  llm generate "Hello" --simulate -u                try it without a key`;
