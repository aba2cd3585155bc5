import type { Command } from 'commander';
import type { Run } from '../program.js';
import { refuseWords } from '../refuse-words.js';

/** `llm keys`: keys of services, in a file that only its owner can read. */
export function addKeys(program: Command, run: Run): void {
  const keys = program.command('keys').description('Keys of services, in a file that only you can read.');
  const add = (name: 'list' | 'path', description: string, isDefault: boolean) =>
    keys
      .command(name, { isDefault })
      .description(description)
      .allowExcessArguments()
      .action(async (_flags: unknown, command: Command) => {
        await refuseWords(command);
        return run(command.optsWithGlobals(), async (session) => (await import('./list.js'))[name](session));
      });
  add('list', 'Which keys are there, and where they come from. Never shows one.', true);
  keys
    .command('set')
    .description('Keep a key: asked for without showing it, or read from what is piped in.')
    .argument('<name>', 'qwen, qwen@sg, gemini, or a variable such as DASHSCOPE_API_KEY_SG')
    .addHelpText('after', `\n${examples}`)
    .action((name: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./set.js')).set(session, name)),
    );
  keys
    .command('unset')
    .description('Forget a key that was kept.')
    .argument('<name>', 'qwen, qwen@sg, gemini, or the name of a variable')
    .action((name: string, _flags: unknown, command: Command) =>
      run(command.optsWithGlobals(), async (session) => (await import('./set.js')).unset(session, name)),
    );
  add('path', 'The file they are kept in.', false);
}

const examples = `Examples:
  llm keys set gemini                               asks for it
  pass show dashscope | llm keys set qwen           from a password manager
  llm keys set DASHSCOPE_API_KEY_SG < key.txt`;
