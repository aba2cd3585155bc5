import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttemptRecord, HoldRequest, PluginHost, ResolvedBudget, Settlement, Target, Warning } from '@vibe/core';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { createSqliteLedger, type LedgerSeams, type SqliteLedger } from '../src/sqlite-ledger.js';

/** Real files and real worker threads: the threads are the built ones, the main side is the source. */
export const writerUrl = new URL('../dist/writer.js', import.meta.url);
export const readerUrl = new URL('../dist/reader.js', import.meta.url);
export const builtIndex = new URL('../dist/index.js', import.meta.url).href;

/** Removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vibe-ledger-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestLedger extends SqliteLedger {
  readonly path: string;
  readonly warnings: Warning[];
}

export interface TestSettings {
  readonly path?: string;
  readonly timezone?: string | null;
  readonly holdLeaseMs?: number;
  readonly now?: () => number;
  readonly seams?: LedgerSeams;
  readonly writerUrl?: URL;
}

/** A ledger that is closed when the test ends. */
export function openLedger(settings: TestSettings = {}): TestLedger {
  const path = settings.path ?? join(temporaryFolder(), 'ledger.db');
  const warnings: Warning[] = [];
  const host: PluginHost = {
    now: settings.now ?? Date.now,
    random: Math.random,
    warn: (warning) => void warnings.push(warning),
  };
  const { timezone = 'UTC', holdLeaseMs = null, seams = {} } = settings;
  const ledger = createSqliteLedger(
    { path, timezone, holdLeaseMs, writerUrl: settings.writerUrl ?? writerUrl, readerUrl, seams },
    host,
  );
  onTestFinished(() => ledger.close().catch(() => undefined));
  return Object.assign(ledger, { path, warnings });
}

/** The file, seen by a connection of its own. */
export function look<T>(path: string, read: (db: Database) => T): T {
  const db = new BetterSqlite3(path, { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/** Changes the file behind the ledger's back. */
export function tamper(path: string, sql: string): void {
  const db = new BetterSqlite3(path);
  db.exec(sql);
  db.close();
}

/** A clock of leases that a test moves. */
export function leaseClock(): { readonly clockAheadMs: SharedArrayBuffer; advance(ms: number): void } {
  const clockAheadMs = new SharedArrayBuffer(8);
  const ahead = new Float64Array(clockAheadMs);
  return {
    clockAheadMs,
    advance: (ms) => {
      ahead[0] = (ahead[0] ?? 0) + ms;
    },
  };
}

export const target: Target = {
  provider: 'qwen',
  profile: 'default',
  endpoint: 'sg',
  region: 'sg',
  model: 'qwen-plus',
};
export const usd = 1_000_000_000;
export const cent = usd / 100;

export function dayBudget(change: Partial<ResolvedBudget> = {}): ResolvedBudget {
  return {
    id: 'day',
    scope: 'all',
    window: 'day',
    timezone: null,
    limitNanoUsd: usd,
    mode: 'strict_budget',
    warnAt: [],
    shadow: false,
    origin: 'test',
    ...change,
  };
}

let lastCall = 0;
export const nextCallId = (): string => `call-${String(++lastCall).padStart(6, '0')}`;

export function holdRequest(change: Partial<HoldRequest> = {}): HoldRequest {
  return {
    callId: nextCallId(),
    amountNanoUsd: cent,
    budgets: [dayBudget()],
    strict: true,
    leaseMs: 60_000,
    tags: { user: 'alice' },
    traceId: 'trace-1',
    target,
    estimatedUsage: { quantities: { input_token: 100, output_token: 50 }, unknown: true, source: 'estimated' },
    ...change,
  };
}

export function attempt(change: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    attempt: 1,
    startedAtMs: Date.now(),
    target,
    status: 'ok',
    errorCode: null,
    errorMessage: null,
    httpStatus: 200,
    servedModel: 'qwen-plus-2026-07-28',
    requestId: 'request-1',
    finishReason: 'stop',
    rawFinishReason: 'stop',
    usage: { quantities: { input_token: 90, output_token: 40 }, unknown: false, source: 'provider' },
    estimatedNanoUsd: cent / 2,
    actualNanoUsd: cent / 4,
    lines: [
      { unit: 'input_token', quantity: 90, usd: 0.001, nanoUsd: 1_000_000, priceId: 'p/in' },
      { unit: 'output_token', quantity: 40, usd: 0.0015, nanoUsd: 1_500_000, priceId: 'p/out' },
    ],
    currency: 'CNY',
    fxRate: 7.1,
    ttftMs: 120,
    totalMs: 800,
    waitMs: 10,
    retryMs: 20,
    ...change,
  };
}

/** Costs what its attempts cost, unless told otherwise. */
export function settlement(change: Partial<Settlement> = {}): Settlement {
  const attempts = change.attempts ?? [attempt()];
  const known = attempts.every(({ actualNanoUsd }) => actualNanoUsd !== null);
  return {
    status: 'ok',
    attempts,
    usage: attempts[0]?.usage ?? null,
    actualNanoUsd: known ? attempts.reduce((sum, { actualNanoUsd }) => sum + (actualNanoUsd ?? 0), 0) : null,
    lines: [],
    timing: { ttftMs: 120, totalMs: 800, waitMs: 10, retryMs: 20, attempts: attempts.length },
    tags: { user: 'alice' },
    traceId: 'trace-1',
    target,
    ...change,
  };
}

export const costing = (actualNanoUsd: number | null): Settlement =>
  settlement({ attempts: [attempt({ actualNanoUsd, lines: [] })] });

/** spent and held of the first budget there is. */
export async function moneyOf(
  ledger: SqliteLedger,
  budget: ResolvedBudget = dayBudget(),
): Promise<readonly [spent: number, held: number]> {
  const [state] = await ledger.budgets({ budgets: [budget] });
  return [state?.spentNanoUsd ?? -1, state?.heldNanoUsd ?? -1];
}

/** Another program that keeps a transaction open on the file. */
export function lock(path: string): { unlock(): void } {
  const db = new BetterSqlite3(path);
  db.exec('BEGIN IMMEDIATE');
  return { unlock: () => void db.close() };
}
