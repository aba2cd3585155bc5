import { join } from 'node:path';
import type { AcquireOptions, LimitDemand, Limits, Permit, Target, VibeError, Warning } from '@vibe/core';
import { onTestFinished } from 'vitest';
import type { SqliteLimiter } from '../src/limiter/sqlite-limiter.js';
import { createSqliteStore, type LedgerSeams, type SqliteLedger } from '../src/sqlite-ledger.js';
import { readerUrl, target, temporaryFolder, writerUrl } from './fixture.js';

export interface TestStore {
  readonly path: string;
  readonly ledger: SqliteLedger;
  readonly limiter: SqliteLimiter;
  readonly warnings: Warning[];
  /** Without waiting, unless told otherwise. */
  take(limits: Limits, options?: Partial<AcquireOptions> & Partial<LimitDemand> & { target?: Target }): Promise<Permit>;
  /** `admitted`, or why not. */
  outcome(limits: Limits, options?: Parameters<TestStore['take']>[1]): Promise<string>;
}

/** A ledger and a limiter with real threads on a real file, closed when the test ends. */
export function openStore(
  settings: { readonly path?: string; readonly seams?: LedgerSeams; readonly writerUrl?: URL } = {},
): TestStore {
  const path = settings.path ?? join(temporaryFolder(), 'ledger.db');
  const warnings: Warning[] = [];
  const { ledger, limiter } = createSqliteStore(
    {
      path,
      timezone: 'UTC',
      holdLeaseMs: null,
      writerUrl: settings.writerUrl ?? writerUrl,
      readerUrl,
      seams: { rateProbeMs: 0, ...settings.seams },
    },
    { now: Date.now, random: Math.random, warn: (warning) => void warnings.push(warning) },
  );
  onTestFinished(async () => {
    await limiter.close();
    await ledger.close().catch(() => undefined);
  });
  const take: TestStore['take'] = (limits, options = {}) => {
    const { requests = 1, tokens = 0, target: asked = target, ...rest } = options;
    const { signal } = new AbortController();
    return limiter.acquire(asked, { requests, tokens }, { limits, maxWaitMs: 0, signal, ...rest });
  };
  const outcome: TestStore['outcome'] = (limits, options) =>
    take(limits, options).then(
      () => 'admitted',
      ({ code, details }: VibeError) => String(details['why'] ?? code),
    );
  return { path, ledger, limiter, warnings, take, outcome };
}
