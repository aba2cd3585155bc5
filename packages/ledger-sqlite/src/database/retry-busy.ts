import { unavailable } from './failure.js';

/** SQLite's own busy handler lets single processes starve; short jittered waits share a file evenly between processes. */
const firstWaitMs = 0.2;
const maxWaitMs = 1;

/** How long a locked file is tried before commands are refused. */
export const lockDeadlineMs = 30_000;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Runs `act` until the file is not locked. Blocks the thread: for worker threads only. */
export function retryBusy<T>(path: string, deadlineMs: number, act: () => T): T {
  let waitMs = firstWaitMs;
  let startedAtMs: number | null = null;
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error)) throw error;
      startedAtMs ??= performance.now();
      if (performance.now() - startedAtMs > deadlineMs) {
        throw unavailable(
          path,
          `another program has kept it locked for ${Math.round(deadlineMs / 1000)} seconds.`,
          ['Find the program that holds a transaction open on it (a database browser, a backup) and close it.'],
          'SQLITE_BUSY',
        );
      }
      Atomics.wait(sleeper, 0, 0, waitMs * (0.5 + Math.random()));
      waitMs = Math.min(waitMs * 2, maxWaitMs);
    }
  }
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && /^SQLITE_BUSY/.test(String(error.code));
}
