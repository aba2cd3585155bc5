import { type Command, CommanderError } from 'commander';
import { exitCodes } from './exit-codes.js';
import { createProgram } from './program.js';
import { createSession, type GlobalFlags, type World } from './session.js';
import { UsageError } from './usage-error.js';

/** Runs one command line (without `node` and the script) and resolves with the exit code. Never rejects. */
export async function main(args: readonly string[], world: World): Promise<number> {
  let exitCode: number = exitCodes.ok;
  let flags: GlobalFlags = { json: args.includes('--json') };
  const program = createProgram(async (given, command) => {
    flags = given;
    exitCode = await command(createSession(world, given));
  }, world);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.ok;
    const { reportError } = await import('./errors/report-error.js');
    const error = thrown instanceof CommanderError ? usageError(thrown, commandIn(program, args)) : thrown;
    return reportError(createSession(world, flags), error);
  }
}

/** `error: unknown option '--modle'\n(Did you mean --model?)`, as a sentence of ours. */
function usageError({ code, message }: CommanderError, command: Command): UsageError {
  const words = namesOf(command).join(' ');
  if (code === 'commander.help') {
    const names = command.commands.map((each) => each.name()).join(', ');
    return new UsageError(`"${words}" is a group of commands: ${names}.`, [`${words} --help`]);
  }
  const text = message.replace(/^error: /, '').replace(/\n\(Did you mean/, ' (did you mean');
  return new UsageError(`${text.charAt(0).toUpperCase()}${text.slice(1)}`, [`${words} --help`]);
}

/** The command that was meant, as far as its words are right: its page says what it takes. */
function commandIn(program: Command, args: readonly string[]): Command {
  let found = program;
  for (const word of args) {
    const next = found.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (next === undefined) break;
    found = next;
  }
  return found;
}

function namesOf(command: Command): readonly string[] {
  return command.parent === null ? [command.name()] : [...namesOf(command.parent), command.name()];
}
