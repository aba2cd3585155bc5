import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteLedger } from '../dist/index.js';

const host = { now: Date.now, random: Math.random, warn: (warning) => console.error(warning) };

/** The ledger in a file, as a client has it. */
export const openLedger = (path, timezone = 'UTC') =>
  [sqliteLedger({ path, timezone }).create(host)].flat().find(({ kind }) => kind === 'ledger');

/** Runs `act` with a folder that is removed afterwards. BENCH_FOLDER chooses the disk. */
export async function inFolder(act) {
  const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'vibe-bench-'));
  try {
    return await act((name) => join(folder, `${name}.db`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The upper one of an even number. */
export const median = (values) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];

/** A row of the table: `atLeast` or `atMost` is what must be reached. */
export const row = (what, value, { atLeast, atMost, unit = '' }) => ({
  what,
  value,
  unit,
  target: atLeast === undefined ? `≤ ${atMost}${unit}` : `≥ ${atLeast}${unit}`,
  ok: atLeast === undefined ? value <= atMost : value >= atLeast,
});
