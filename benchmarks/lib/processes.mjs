import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inBenchmarks } from './from-package.mjs';

const cores = { server: 0, client: 1 };

/** Whether each process can be given a core of its own. */
export const canPin = availableParallelism() >= 2 && spawnSync('taskset', ['-c', '1', 'true']).status === 0;

/** Arguments for `spawn` that run Node on the core of `role`. */
export function nodeOn(role, nodeOptions) {
  const node = [process.execPath, ...nodeOptions];
  const [command, ...args] = canPin ? ['taskset', '-c', String(cores[role]), ...node] : node;
  return { command, args };
}

/** Runs a file of this folder on the core of `role`, with a channel for messages. */
export function start(role, file, { args = [], nodeOptions = [], stdout = 'inherit' } = {}) {
  const { command, args: before } = nodeOn(role, nodeOptions);
  return spawn(command, [...before, inBenchmarks(file), ...args], { stdio: ['ignore', stdout, 'inherit', 'ipc'] });
}

/** Starts the provider. `url(options)` is a base URL whose answers have these options. */
export async function startServer() {
  const child = start('server', 'server.mjs', { stdout: 'pipe' });
  const port = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
    child.stdout.once('data', (line) => resolve(Number(line)));
  });
  const ask = async (path, method) => (await fetch(`http://127.0.0.1:${port}${path}`, { method })).json();
  return {
    url: (options = '') => `http://127.0.0.1:${port}/${options === '' ? 'plain' : options}/v1`,
    stats: () => ask('/stats', 'GET'),
    reset: () => ask('/reset', 'POST'),
    close: () => child.disconnect(),
  };
}

/** Starts a client process with one contender in it. BENCH_FOLDER chooses the disk of its ledger. */
export async function startClient(name, baseUrl, { nodeOptions = [], ...options } = {}) {
  const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'vibe-bench-'));
  const child = start('client', 'client.mjs', { nodeOptions });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const send = (command, message) =>
    answerOf(child, `${name} ${message.task ?? command}`, { command, options: message });
  await send('open', { name, baseUrl, folder, ...options });
  return {
    name,
    folder,
    run: (task, taskOptions = {}) => send('run', { task, ...taskOptions }),
    async close() {
      child.send({ command: 'close' }, ignore); // it may have ended by itself
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A task that takes longer hangs. */
const mostMs = 15 * 60_000;

/** Sends a command and resolves with its result; `what` names it in errors. */
function answerOf(child, what, command) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      child.removeListener('exit', onExit);
      settle(value);
    };
    const onExit = (code) => end(reject, new Error(`${what}: the process ended with ${code}.`));
    const timer = setTimeout(() => child.kill('SIGKILL'), mostMs);
    child.once('exit', onExit);
    child.once('message', ({ result, error }) =>
      error === undefined ? end(resolve, result) : end(reject, new Error(`${what}: ${error}`)),
    );
    child.send(command, (error) => error && end(reject, error));
  });
}

function ignore() {}
