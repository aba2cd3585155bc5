import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

/**
 * A media file goes to `-o FILE`; `-o -`, or a pipe, takes the bytes of one result themselves. Looked at before the call:
 * what cannot be kept would be paid for in vain.
 */
export async function assertPlace(
  { out, flags, world }: Session,
  file: string | undefined,
  example: string,
  count = 1,
): Promise<void> {
  if (file !== undefined && file !== '-') {
    const path = resolve(world.cwd, file);
    // With several results the file itself is not written, but others beside it.
    const taken = count === 1 ? await stat(path).catch(() => null) : null;
    if (file === '' || taken?.isDirectory() === true) throw unwritable(file, 'it is a folder');
    const place = taken === null ? dirname(path) : path;
    await access(place, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
      throw unwritable(file, error.code ?? error.message);
    });
    return;
  }
  if (flags.json === true) return;
  if (count > 1) throw new UsageError('Name a file: several results do not fit into one stream.', [example]);
  if (file !== undefined || !out.isTerminal) return;
  throw new UsageError('Name a file for the result: a terminal cannot show it.', [example]);
}

function unwritable(file: string, reason: string): UsageError {
  return new UsageError(`${file === '' ? '-o ""' : file} cannot be written (${reason}). Nothing was sent.`, [
    'Choose another file with -o',
  ]);
}

/** Writes a result and says where. Returns the path; null for stdout. */
export async function writeResult(
  session: Session,
  file: string | undefined,
  bytes: Uint8Array,
): Promise<string | null> {
  if (file === undefined || file === '-') {
    if (session.flags.json !== true) await session.out.writeBytes(bytes);
    return null;
  }
  const path = resolve(session.world.cwd, file);
  try {
    await writeFile(path, bytes, { signal: session.world.signal });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (session.world.signal.aborted || code === undefined) throw error;
    throw new UsageError(`${file} cannot be written (${code}). The result is paid for, and lost.`, [
      'Choose another file with -o',
    ]);
  }
  await session.note(`${file} · ${sizeText(bytes.length)}`);
  return path;
}

/** `FILE`, or `FILE-1`, `FILE-2` … where there are several results. */
export function numbered(file: string, index: number, count: number): string {
  if (count === 1 || file === '-') return file;
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}-${index + 1}${extension}`;
}

export function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}
