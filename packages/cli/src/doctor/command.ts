import type { Command } from 'commander';
import { repeated } from '../flag-values.js';
import type { Run } from '../program.js';
import type { GlobalFlags } from '../session.js';
import type { DoctorFlags } from './doctor.js';

/** `llm doctor`: whether all is well. */
export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('Look whether all is well: free, changes nothing. Exit code 9 when something is wrong.')
    .argument('[check...]', 'only these checks, providers or endpoints; --list-checks names the checks')
    .option('--only <name>', 'only this check, provider (qwen) or endpoint (qwen/sg); may be repeated', repeated)
    .option('--list-checks', 'name the checks')
    .option('--offline', 'send nothing')
    .option('--fix', 'mend what can be mended without a risk')
    .option('--strict', 'exit code 9 for warnings, too')
    .addHelpText('after', `\n${examples}`)
    .action((words: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags & DoctorFlags>();
      return run(flags, async (session) => (await import('./doctor.js')).doctor(session, words, flags));
    });
}

const examples = `Examples:
  llm doctor                                        everything
  llm doctor keys endpoints                         two checks
  llm doctor --only qwen                            keys and endpoints of a provider
  llm doctor --offline --json | jq .summary`;
