import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file in one step: a crash leaves the old text or the new one. A link stays a link, and what it leads to is
 * replaced. `mode` is for a new file or, when it must be exact, for any; otherwise an old file keeps its own.
 */
export function writeFileAtomically(path: string, text: string, mode: { readonly exactly?: number } = {}): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = isLink(path) ? realpathSync(path) : path;
  const kept = statSync(target, { throwIfNoEntry: false });
  const temporary = `${target}.${randomUUID()}.tmp`;
  // Never wider than the file will be, not even for a moment.
  const file = openSync(temporary, 'wx', mode.exactly ?? (kept === undefined ? 0o644 : kept.mode & 0o777));
  try {
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
