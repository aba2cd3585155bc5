import { basename } from 'node:path';
import type { ErrorCode } from '@vibe/core';
import { networkFileSystem } from './network-file-system.js';

/** An error as it travels from a worker thread to the program. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;
}

/** Carries a failure up to the edge of the worker. */
export class LedgerFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The caller's command is wrong; the ledger is fine. */
export function refuse(
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  next: readonly string[] = [],
): LedgerFailure {
  return new LedgerFailure({ code: 'invalid_request', message, next, details });
}

/** The file cannot be used. `why` is a sentence, `next` says what to do about it. */
export function unavailable(path: string, why: string, next: readonly string[], sqliteCode?: string): LedgerFailure {
  const network = networkFileSystem(path);
  const advice =
    network === null ? next : [...next, `Move the file to a local disk: it is on a network file system (${network}).`];
  return new LedgerFailure({
    code: 'ledger_unavailable',
    message: `The ledger ${path} cannot be used: ${why} ${advice.join(' ')}`,
    next: advice,
    details: { path, ...(sqliteCode === undefined ? {} : { sqliteCode }) },
  });
}

/** The file was there, and is not any more. */
export function lostFile(path: string): LedgerFailure {
  return unavailable(path, 'it was deleted or replaced while it was open; what was not written yet is refused.', [
    'Put the file back, or restart the program to begin a new ledger.',
  ]);
}

/** Anything that was thrown while the file was opened, read or written, as a failure with path, reason and remedy. */
export function failureOf(error: unknown, path: string): Failure {
  if (error instanceof LedgerFailure) return error.failure;
  const code = codeOf(error);
  const known = reasons.find(({ match }) => match.test(code));
  if (known !== undefined) return unavailable(path, known.why, known.next(path), code).failure;
  const text = error instanceof Error ? error.message : String(error);
  if (nativeModule.test(code) || nativeModule.test(text)) {
    return unavailable(path, 'the native module better-sqlite3 cannot be loaded.', [
      'Run "npm rebuild better-sqlite3" with the Node version that runs this program (it needs python3, make and a C++ compiler).',
    ]).failure;
  }
  return {
    code: 'internal',
    message: `The ledger ${path} failed: ${text}`,
    next: [],
    details: { path, sqliteCode: code },
  };
}

/** The second attempt of a process to load a module of another Node says only that it "did not self-register". */
const nativeModule =
  /could not locate the bindings|was compiled against a different node|did not self-register|invalid elf|dlopen/i;

/** Whether the file itself fails, so that trying the commands one by one would not help. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof LedgerFailure) return error.failure.code === 'ledger_unavailable';
  return nativeModule.test(codeOf(error)) || reasons.some(({ match }) => match.test(codeOf(error)));
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

interface Reason {
  readonly match: RegExp;
  readonly why: string;
  readonly next: (path: string) => readonly string[];
}

/** Codes of SQLite and of the operating system, most specific first. */
const reasons: readonly Reason[] = [
  {
    match: /^SQLITE_NOTADB/,
    why: 'it is not a SQLite database, or its first page is destroyed.',
    next: (path) => [`Restore a backup, or move ${basename(path)} away to begin a new ledger.`],
  },
  {
    match: /^SQLITE_CORRUPT/,
    why: 'the database is corrupt.',
    next: (path) => [`Restore a backup, or save what can be read with "sqlite3 ${basename(path)} .recover".`],
  },
  {
    match: /^(SQLITE_FULL|ENOSPC|EDQUOT)/,
    why: 'the disk is full.',
    next: () => ['Free some space; what failed can be repeated safely.'],
  },
  {
    match: /^(SQLITE_BUSY|SQLITE_LOCKED)/,
    why: 'another program keeps it locked.',
    next: () => ['Find the program that holds a transaction open on it (a database browser, a backup) and close it.'],
  },
  {
    match: /^(SQLITE_READONLY|SQLITE_PERM|EACCES|EPERM|EROFS)/,
    why: 'there is no permission to write it.',
    next: () => [
      'Give this user write permission for the file and its folder, or choose another path: sqliteLedger({ path }).',
    ],
  },
  {
    match: /^(SQLITE_CANTOPEN|ENOENT|EEXIST|ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG)/,
    why: 'it cannot be opened.',
    next: () => [
      'Check that the path names a file and that its folder exists and may be written, or choose another: sqliteLedger({ path }).',
    ],
  },
  {
    match: /^(SQLITE_IOERR|SQLITE_PROTOCOL|SQLITE_NOLFS|EIO|EMFILE|ENFILE)/,
    why: 'reading or writing it failed.',
    next: () => ['Check the disk and the number of open files.'],
  },
];
