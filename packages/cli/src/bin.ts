#!/usr/bin/env node
import { exitCodes } from './exit-codes.js';
import { main } from './main.js';

const stopped = new AbortController();
let signalCode: number | null = null;

/** The first signal cancels the call and lets its row be written; the second ends the program at once. */
function onSignal(exitCode: number): () => void {
  return () => {
    if (signalCode !== null) process.exit(exitCode);
    signalCode = exitCode;
    process.stdin.destroy();
    stopped.abort(new Error('interrupted'));
  };
}
process.on('SIGHUP', onSignal(exitCodes.hungUp));
process.on('SIGINT', onSignal(exitCodes.interrupted));
process.on('SIGTERM', onSignal(exitCodes.terminated));

/** The reader has left: what runs is stopped. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  stopped.abort(error);
}
process.stdout.on('error', onOutputError);
process.stderr.on('error', onOutputError);

void main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  // Opening it takes time that only `generate` has to spend.
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  // The first look at it costs a quarter of a bare start, and `--version` needs none.
  get timezone() {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone;
  },
  signal: stopped.signal,
}).then((exitCode) => {
  process.exitCode = signalCode ?? exitCode;
  // The command has settled and closed what it had open. A thread that adds up a million calls would go on for a while:
  // nobody waits for it, and what it has not written yet is added up by the next report.
  if (stopped.signal.aborted) process.exit();
});
