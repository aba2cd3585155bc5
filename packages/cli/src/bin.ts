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
process.on('SIGINT', onSignal(exitCodes.interrupted));
process.on('SIGTERM', onSignal(exitCodes.terminated));

let isPipeBroken = false;
/** Nobody reads any more (`llm g … | head -1`): no error, but nothing to go on for either. Not a word about it. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  isPipeBroken = true;
  stopped.abort(error);
}
process.stdout.on('error', onOutputError);
process.stderr.on('error', onOutputError);

void main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  signal: stopped.signal,
}).then((exitCode) => {
  process.exitCode = signalCode ?? (isPipeBroken ? exitCodes.ok : exitCode);
});
