import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LedgerEnvironment, type LedgerSubject, ledgerContract } from '@vibe/contract-tests';
import { describe, it } from 'vitest';
import { createSqliteLedger } from './sqlite-ledger.js';

await ledgerContract(
  { describe, it },
  { name: '@vibe/ledger-sqlite', create: async (environment) => subject(environment) },
);

/** A ledger in a file of its own. Its writer thread has a clock of its own too, set to the environment's at every start. */
function subject({ now, timezone }: LedgerEnvironment): LedgerSubject {
  const folder = mkdtempSync(join(tmpdir(), 'vibe-contract-'));
  const aheadMs = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  const open = () => {
    aheadMs[0] = now() - Date.now();
    return createSqliteLedger(
      {
        path: join(folder, 'ledger.db'),
        timezone,
        holdLeaseMs: null,
        writerUrl: new URL('../dist/writer.js', import.meta.url),
        readerUrl: new URL('../dist/reader.js', import.meta.url),
        seams: { clockAheadMs: aheadMs.buffer as SharedArrayBuffer },
      },
      { now, random: Math.random, warn: () => undefined },
    );
  };
  return {
    ledger: open(),
    reopen: async () => open(),
    close: async () => rmSync(folder, { recursive: true }),
  };
}
