import { checkAll } from './check.mjs';
import { runAttached } from './setup/child.mjs';
import { Failure } from './setup/failure.mjs';
import { ensureInstalled } from './setup/install.mjs';
import { inRoot, tools } from './setup/root.mjs';
import { runTask } from './setup/turbo.mjs';

const node = (file, args = []) => runAttached(process.execPath, [file, ...args]);

/** Each command sets up what it needs and resolves with its exit code. `args`: what stood after `--`. */
const commands = {
  setup: async () => 0,
  build: async () => {
    await runTask('build');
    return 0;
  },
  typecheck: async () => {
    await runTask('typecheck');
    return 0;
  },
  start: async (args) => {
    await runTask('build');
    return node(inRoot('apps', 'quickstart', 'dist', 'main.js'), args);
  },
  app: async () => {
    await runTask('build');
    return node(inRoot('apps', 'chat', 'dist', 'main.js'));
  },
  test: async (args) => {
    await runTask('build');
    return node(tools.vitest, ['run', ...args]);
  },
  check: () => checkAll(),
  'check:packed': async () => {
    await runTask('build');
    return node(inRoot('scripts', 'check-packed.mjs'));
  },
  release: async () => {
    await runTask('build');
    return node(tools.changeset, ['publish']);
  },
};

/** Runs one command of the table and sets the exit code of the process. */
export async function run([name = 'setup', ...args]) {
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new Failure(`There is no command "${name}": use one of ${Object.keys(commands).join(', ')}.`);
    await ensureInstalled();
    process.exitCode = await command(args);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.output) process.stderr.write(`${error.output.trimEnd()}\n\n`);
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
