import { spawn } from 'node:child_process';
import { root } from './root.mjs';

/** How often a child's keeper looks whether npm, which started it, is still there. */
const PARENT_CHECK_MS = 500;

/** Kept of a quiet child's output: enough to read what went wrong, bounded for a child that never stops talking. */
const MAX_OUTPUT_CHARACTERS = 2_000_000;

/**
 * Runs a program without showing its output.
 * Resolves with the exit code (127 when it could not be started) and the end of its output.
 */
export async function runQuietly(command, args, { cwd = root, env = process.env } = {}) {
  const child = start(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-MAX_OUTPUT_CHARACTERS);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  const { code, problem } = await ended(child);
  return { code, output: problem ? `${output}${problem}\n` : output };
}

/** Runs a program on this terminal: its input, output, signals and exit code are the caller's. Resolves with the code. */
export async function runAttached(command, args, { cwd = root, env = process.env } = {}) {
  const child = start(command, args, { cwd, env, stdio: 'inherit' });
  const { code, problem } = await ended(child);
  if (problem) console.error(problem);
  return code;
}

function start(command, args, settings) {
  // npx is a .cmd file on Windows, and only a shell starts those
  return spawn(command, args, { ...settings, shell: process.platform === 'win32' && command === 'npx' });
}

/** Waits for the end of a child and passes signals on meanwhile. A child that died of a signal takes us with it. */
function ended(child) {
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const listeners = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    // Ctrl-C in a terminal reaches the child by itself; a second one would mean "now, at once" to it
    const listener = () => (signal === 'SIGINT' && onTerminal ? undefined : child.kill(signal));
    process.on(signal, listener);
    return { signal, listener };
  });
  // npm runs us through a shell, and a shell that is terminated tells its children nothing
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, PARENT_CHECK_MS);
  const release = () => {
    clearInterval(watch);
    for (const { signal, listener } of listeners) process.removeListener(signal, listener);
  };
  return new Promise((resolve) => {
    child.once('error', (error) => {
      release();
      resolve({ code: 127, problem: error.message });
    });
    child.once('close', (code, signal) => {
      release();
      if (signal) process.kill(process.pid, signal);
      resolve({ code: code ?? 1 });
    });
  });
}
