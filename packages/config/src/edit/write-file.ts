import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { writing } from './write-failure.js';

/**
 * Replaces a file in one step: a crash leaves the old text or the new one. A link stays a link, and what it leads to is
 * replaced. `mode` is for a new file or, when it must be exact, for any; otherwise an old file keeps its own.
 */
export function writeFileAtomically(path: string, text: string, mode: { readonly exactly?: number } = {}): void {
  writing(path, () => replace(path, text, mode));
}

function replace(path: string, text: string, mode: { readonly exactly?: number }): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = isLink(path) ? targetOf(path) : path;
  const kept = statSync(target, { throwIfNoEntry: false });
  const temporary = `${target}.${randomUUID()}.tmp`;
  // Never wider than the file will be, not even for a moment.
  const file = openSync(temporary, 'wx', mode.exactly ?? (kept === undefined ? 0o644 : kept.mode & 0o777));
  try {
    try {
      // writeSync may stop in the middle where the disk is nearly full.
      writeFileSync(file, text);
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

/** Also of a link to a file that is not there yet. */
function targetOf(link: string): string {
  return existsSync(link) ? realpathSync(link) : resolve(dirname(link), readlinkSync(link));
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
