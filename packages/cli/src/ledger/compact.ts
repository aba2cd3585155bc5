import { existsSync } from 'node:fs';
import type { Archived } from '@vibe/ledger-sqlite/file';
import { type FileBooks, fileOf, onThread, withFileBooks } from '../books.js';
import { startOfDay, startOfLastDays } from '../budget/period.js';
import { loadSessionConfig } from '../client.js';
import { confirm } from '../confirm.js';
import { exitCodes } from '../exit-codes.js';
import { tildePath } from '../ledger-path.js';
import { sizeText } from '../media/output-file.js';
import { envelope } from '../output/envelope.js';
import { count } from '../output/numbers.js';
import { progress } from '../output/progress.js';
import { date } from '../output/time.js';
import type { Session } from '../session.js';
import { UsageError } from '../usage-error.js';

export interface CompactFlags {
  readonly before?: string;
  readonly keepDays?: number;
  readonly dryRun?: boolean;
  /** False: no copy first. */
  readonly backup?: boolean;
}

const dayMs = 86_400_000;
/** A call that is settled so late would be counted twice. */
const youngestDays = 7;

const examples = ['llm ledger compact --keep-days 90 --dry-run', 'llm ledger compact --before 2026-09-01'];

/** What a compaction comes to. */
interface Compaction {
  readonly path: string;
  /** Null: only unused space was asked for. */
  readonly beforeMs: number | null;
  readonly backup: string | null;
  readonly archived: Archived;
  readonly bytesBefore: number;
  readonly bytesAfter: number | null;
  /** Null: it was not asked for, or nothing was done. */
  readonly verified: boolean | null;
}

/** `llm ledger compact`: the file without its free pages, and old calls as sums where a day is named. */
export async function compact(session: Session, flags: CompactFlags): Promise<number> {
  const path = fileOf(session, await loadSessionConfig(session));
  const beforeMs = await beforeOf(session, flags);
  return beforeMs === null ? giveBack(session, path, flags) : archive(session, path, beforeMs, flags);
}

/** The start of a UTC day: all slots of the sums begin there. */
async function beforeOf(session: Session, { before, keepDays }: CompactFlags): Promise<number | null> {
  if (before === undefined && keepDays === undefined) return null;
  if (before !== undefined && keepDays !== undefined)
    throw new UsageError('--before and --keep-days both say which calls are old. Take one of them.', examples);
  let beforeMs = 0;
  await withFileBooks(session, async ({ timezone }) => {
    const nowMs = session.world.now();
    beforeMs =
      before === undefined
        ? startOfLastDays(keepDays ?? 1, timezone, nowMs)
        : startOfDay(before, '--before', timezone, nowMs);
    return exitCodes.ok;
  });
  const nowMs = session.world.now();
  if (beforeMs > nowMs - youngestDays * dayMs)
    throw new UsageError(
      `Calls of the last ${youngestDays} days stay as they are: one of them may still be settled or corrected.`,
      examples,
    );
  return Math.floor(beforeMs / dayMs) * dayMs;
}

async function giveBack(session: Session, path: string, { dryRun }: CompactFlags): Promise<number> {
  const done = { path, beforeMs: null, backup: null, archived: nothing, verified: null };
  if (dryRun === true) {
    return withFileBooks(session, async ({ file }) => {
      const { bytes, walBytes, freeBytes } = file.facts();
      const text = `${tildePath(path)}: ${sizeText(bytes + walBytes)}, of which ${sizeText(freeBytes)} are unused. Old calls as sums: llm ledger compact --keep-days 90 --dry-run`;
      return tell(session, { ...done, bytesBefore: bytes + walBytes, bytesAfter: null }, text);
    });
  }
  const { compactLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const { bytesBefore, bytesAfter } = compactLedgerFile(path);
  const text = `${tildePath(path)}: ${sizeText(bytesBefore)} → ${sizeText(bytesAfter)}`;
  return tell(session, { ...done, bytesBefore, bytesAfter }, text);
}

const nothing: Archived = { calls: 0, attempts: 0, events: 0 };

async function archive(session: Session, path: string, beforeMs: number, flags: CompactFlags): Promise<number> {
  let attempts = 0;
  await withFileBooks(session, async ({ file }) => {
    attempts = file.attemptsBefore(beforeMs);
    return exitCodes.ok;
  });
  const day = `${date(beforeMs, 'UTC')} (UTC)`;
  const done = { path, beforeMs, backup: null, archived: nothing, bytesBefore: 0, bytesAfter: null, verified: null };
  if (attempts === 0) return tell(session, done, `Nothing to do: no attempt is from before ${day}.`);
  if (flags.dryRun === true) {
    const text = `${count(attempts)} attempts from before ${day} would be kept as sums. Nothing was changed. First: llm ledger export --until ${isoDay(beforeMs - 1)} -o old.csv`;
    return tell(session, { ...done, archived: { ...nothing, attempts } }, text);
  }
  const backup = flags.backup === false ? null : copyOf(path, session.world.now());
  const copy = backup === null ? 'No copy is made.' : `A copy is kept in ${tildePath(backup)}.`;
  await confirm(
    session,
    `Keep only the sums of ${count(attempts)} attempts from before ${day}? Their rows go. ${copy}`,
    ['llm ledger compact … --dry-run', 'llm ledger compact … --yes'],
  );
  if (backup !== null) await withFileBooks(session, (books) => copyTo(session, books, backup));
  return carryOut(session, path, { beforeMs, backup, attempts });
}

/** Never over a copy of the same day: it may have the rows that went before. */
function copyOf(path: string, nowMs: number): string {
  const name = `${path}.before-compact-${isoDay(nowMs)}`;
  let copy = `${name}.backup`;
  for (let number = 2; existsSync(copy); number++) copy = `${name}-${number}.backup`;
  return copy;
}

async function copyTo(session: Session, { file }: FileBooks, to: string): Promise<number> {
  const shown = progress(session);
  shown.say('copying');
  await file.backup(to, (share) => shown.say(`copying ${Math.round(share * 100)}%`)).finally(() => shown.stop());
  return exitCodes.ok;
}

async function carryOut(
  session: Session,
  path: string,
  {
    beforeMs,
    backup,
    attempts,
  }: { readonly beforeMs: number; readonly backup: string | null; readonly attempts: number },
): Promise<number> {
  const { archiveOldCalls, compactLedgerFile } = await import('@vibe/ledger-sqlite/file');
  const { signal, now } = session.world;
  const shown = progress(session);
  let done = nothing;
  shown.say(() => `keeping sums: ${count(done.attempts)} of ${count(attempts)} attempts`);
  const onProgress = (step: Archived) => {
    done = step;
  };
  const archived = await archiveOldCalls(path, { beforeMs, signal, now, onProgress }).finally(() => shown.stop());
  const { bytesBefore, bytesAfter } = compactLedgerFile(path);
  const { ok } = await onThread(session, path, (ledger) => ledger.verify(), 'checking all sums');
  const text = [
    `${count(archived.calls)} calls (${count(archived.attempts)} attempts, ${count(archived.events)} events) are kept as sums.`,
    `${tildePath(path)}: ${sizeText(bytesBefore)} → ${sizeText(bytesAfter)}`,
    ok
      ? 'OK: every sum follows from what is there and what is archived.'
      : `A sum differs: llm ledger verify${backup === null ? '' : `. As it was before: ${tildePath(backup)}`}`,
  ].join('\n');
  await tell(session, { path, beforeMs, backup, archived, bytesBefore, bytesAfter, verified: ok }, text);
  return ok ? exitCodes.ok : exitCodes.integrity;
}

async function tell(session: Session, { beforeMs, archived, ...row }: Compaction, text: string): Promise<number> {
  const { out, world, timezone, flags } = session;
  if (flags.json !== true) await session.note(text);
  else {
    const before = beforeMs === null ? null : new Date(beforeMs).toISOString();
    const rows = [{ ...row, before, ...archived }];
    await out.write(envelope('vibe.ledger_compact/1', { nowMs: world.now(), timezone, rows, warnings: [] }));
  }
  return exitCodes.ok;
}

function isoDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
