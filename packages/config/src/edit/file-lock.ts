import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { VibeError } from '@vibe/core';
import { writing } from './write-failure.js';

/** A change takes milliseconds: a lock that is older was left behind by a process that died. */
const staleMs = 10_000;
/** How long another process is waited for. */
const maxWaitMs = 15_000;
const pauseMs = 10;

/** Runs `change` while no other process changes the same file. Throws `config` when another one does not let go. */
export function changeLocked<T>(path: string, display: string, change: () => T): T {
  const lock = `${path}.lock`;
  writing(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  for (let waitedMs = 0; !writing(path, () => taken(lock)); waitedMs += pauseMs) {
    if (waitedMs >= maxWaitMs) {
      throw new VibeError('config', `${display} is being changed by another process, which does not come to an end.`, {
        details: { file: path, lock },
        next: [`Try again. If nothing else is running, remove ${display}.lock.`],
      });
    }
    // Short and rare; everything around it reads and writes files synchronously, too.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  }
  try {
    return change();
  } finally {
    rmSync(lock, { force: true });
  }
}

function taken(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx', 0o600);
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (isStale(lock)) moveAway(lock);
    return false;
  }
}

function isStale(lock: string): boolean {
  const stats = statSync(lock, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > staleMs;
}

/** Renamed before it is removed: of several that find it, one gets it. */
function moveAway(lock: string): void {
  const mine = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, mine);
  } catch {
    return;
  }
  rmSync(mine, { force: true });
}
