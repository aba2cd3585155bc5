import { Argument, type Command } from 'commander';
import type { Run } from '../program.js';
import type { Shell } from './script.js';

/** `llm completion`: the script that completes commands, flags and values in a shell. */
export function addCompletion(program: Command, run: Run): void {
  program
    .command('completion')
    .description('A script that completes commands, flags and model names in your shell.')
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `\nExamples:
  llm completion bash > ~/.local/share/bash-completion/completions/llm
  llm completion zsh > "\${fpath[1]}/_llm"
  llm completion fish > ~/.config/fish/completions/llm.fish`,
    )
    .action((shell: Shell, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./run.js')).completion(session, program, shell)),
    );
}
