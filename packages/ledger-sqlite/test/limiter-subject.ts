import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LimiterEnvironment, LimiterSubject } from '@vibe/contract-tests';
import { createSqliteStore } from '../src/sqlite-ledger.js';
import { readerUrl, writerUrl } from './fixture.js';

/** Limiters on a file of their own; each has a writer thread, as processes do. Threads see the environment's clock. */
export function limiterSubject({ now, runs, onMove }: LimiterEnvironment): LimiterSubject {
  const folder = mkdtempSync(join(tmpdir(), 'vibe-limiter-'));
  const clock = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT));
  const set = (nowMs: number) => {
    if (runs) clock[0] = nowMs - Date.now();
    else clock[1] = nowMs;
  };
  set(now());
  onMove(set);
  const closers: (() => Promise<void>)[] = [];
  const open = () => {
    const { limiter, ledger } = createSqliteStore(
      {
        path: join(folder, 'ledger.db'),
        timezone: 'UTC',
        holdLeaseMs: null,
        writerUrl,
        readerUrl,
        seams: { clockAheadMs: clock.buffer as SharedArrayBuffer, rates: { maxWaiting: 20 } },
      },
      { now, random: Math.random, warn: (warning) => console.error(warning) },
    );
    closers.push(() => ledger.close());
    return limiter;
  };
  return {
    limiter: open(),
    another: async () => open(),
    close: async () => {
      for (const close of closers) await close();
      rmSync(folder, { recursive: true });
    },
  };
}
