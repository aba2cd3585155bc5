import { VibeError } from '@vibe/core';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is no folder',
  // Of a folder that is to be made.
  EEXIST: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  ENOENT: 'its folder is not there and cannot be made',
};

/** Runs what writes a file. What the file system refuses is a `config` error that names the file, not a fault of ours. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new VibeError('config', `${path} cannot be written: ${reasons[code] ?? code}. It is as it was.`, {
      details: { file: path, reason: code },
      next: [`Look at the folder of ${path}: it has to be yours, with room on its disk.`],
      cause: error,
    });
  }
}
