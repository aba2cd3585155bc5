import { readFileSync, statSync } from 'node:fs';
import { SourceError } from './position.js';

/** Far beyond any configuration; what is larger is another file by mistake. */
export const maxFileBytes = 1_048_576;

/** The text of a config file, without a byte order mark. Throws SourceError that says why it cannot be read. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw unreadable('is encoded as UTF-16: save it as UTF-8');
  }
  try {
    // Drops the byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('is not encoded as UTF-8: save it as UTF-8');
  }
}

function readBytes(path: string): Buffer {
  // Looked at first: opening a named pipe would wait for a writer.
  const stats = attempt(() => statSync(path));
  if (stats.isDirectory()) throw unreadable('is a folder, not a file');
  if (!stats.isFile()) throw unreadable('is no regular file');
  if (stats.size > maxFileBytes) throw unreadable(`has ${stats.size} bytes; a config file has at most ${maxFileBytes}`);
  return attempt(() => readFileSync(path));
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw unreadable(reasonOf(cause));
  }
}

function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'ENOTDIR') return 'cannot be read: a part of its path is no folder';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  if (code === 'ELOOP') return 'is a link that leads to itself';
  return `cannot be read: ${code ?? String(cause)}`;
}

function unreadable(message: string): SourceError {
  return new SourceError(message, null);
}
