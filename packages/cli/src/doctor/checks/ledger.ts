import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { VibeError } from '@vibe/core';
import { openLedgerFile } from '@vibe/ledger-sqlite/file';
import { tildePath } from '../../ledger-path.js';
import { sizeText } from '../../media/output-file.js';
import { count } from '../../output/numbers.js';
import { type Check, type Finding, finding, ok, skipped } from '../check.js';
import { withoutConfig } from './config.js';
import { openedByWriter } from './opened-by-writer.js';

export const ledger: Check = {
  id: 'ledger',
  title: 'Ledger',
  about: 'the file: integrity, rows, file system, free space, and how long the disk takes for a commit',
  async run(patient) {
    const path = await patient.ledgerPath().catch(() => undefined);
    if (path === undefined) return [skipped('the configuration is wrong')];
    if (path === null) return [skipped((await withoutConfig(patient))?.detail ?? 'another plugin keeps the money')];
    return ledgerFindings(path, patient.session.world.now);
  },
};

/** A commit that takes longer holds up every strict call. */
const slowCommitMs = 50;
/** Below it a ledger will soon be unable to write. */
const littleBytes = 100 * 1024 * 1024;

export interface LedgerLimits {
  readonly slowCommitMs: number;
  readonly littleBytes: number;
}

export async function ledgerFindings(
  path: string,
  now: () => number,
  limits: LedgerLimits = { slowCommitMs, littleBytes },
): Promise<readonly Finding[]> {
  if (!existsSync(path)) return [ok(`${tildePath(path)} is not there yet: the first call makes it`)];
  try {
    return [...content(path, now), ...disk(path, limits)];
  } catch (thrown) {
    const { message, next, details } = VibeError.from(thrown, 'ledger_unavailable');
    if (details['sqliteCode'] === 'NEEDS_WRITER') {
      return [
        {
          ...finding(
            'warning',
            `${tildePath(path)} was written by an older version: the next call migrates it, after a copy`,
            ['llm doctor --fix'],
          ),
          fix: async () => {
            await openedByWriter(path, now);
            return `${tildePath(path)} is migrated; a copy of the older one lies beside it`;
          },
        },
      ];
    }
    return [finding('error', message, next)];
  }
}

function content(path: string, now: () => number): readonly Finding[] {
  const file = openLedgerFile({ path, now });
  try {
    const { bytes, attempts } = file.facts();
    const { ok: sound, problems } = file.verify();
    if (sound) return [ok(`WAL, ${sizeText(bytes)}, ${count(attempts)} rows, integrity ok`)];
    const [first = ''] = problems;
    return [finding('error', `${problems.length} problems: ${first}`, ['llm ledger verify', 'llm ledger rebuild'])];
  } finally {
    file.close();
  }
}

/** Where the file lies. Nothing of the ledger is written: a file beside it is, and taken away. */
function disk(path: string, { slowCommitMs: slow, littleBytes: little }: LedgerLimits): readonly Finding[] {
  const title = 'Ledger disk';
  const { bavail, bsize } = statfsSync(dirname(path));
  const freeBytes = bavail * bsize;
  if (freeBytes < little) {
    return [
      finding('error', `only ${sizeText(freeBytes)} are free beside ${tildePath(path)}`, ['Free some space.'], title),
    ];
  }
  const commitMs = medianCommitMs(dirname(path));
  if (commitMs === null) {
    return [
      finding(
        'error',
        `the folder of ${tildePath(path)} cannot be written`,
        [`Give yourself write permission for ${tildePath(dirname(path))}.`],
        title,
      ),
    ];
  }
  const told = `a commit takes ${commitMs.toFixed(1)} ms, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  if (commitMs < slow) return [ok(told, title)];
  return [
    finding(
      'warning',
      `${told}: strict calls wait that long`,
      ['Move the ledger to a faster, local disk: VIBE_LEDGER, or the option path.'],
      title,
    ),
  ];
}

const commits = 5;

/** Write and fsync, which is what a commit waits for. Null: not allowed. */
function medianCommitMs(folder: string): number | null {
  const path = join(folder, `.vibe-doctor-${randomUUID()}`);
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      const timesMs = Array.from({ length: commits }, () => {
        const startMs = performance.now();
        writeSync(file, Buffer.alloc(4_096));
        fsyncSync(file);
        return performance.now() - startMs;
      }).sort((first, second) => first - second);
      return timesMs[Math.floor(commits / 2)] ?? null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  } finally {
    rmSync(path, { force: true });
  }
}
