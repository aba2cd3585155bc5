import { chmodSync, closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import {
  type BudgetState,
  type EndpointHealth,
  type LimitState,
  type Limits,
  type OpenHold,
  type Report,
  type ReportQuery,
  type ResolvedBudget,
  type StatsQuery,
  systemTimezone,
  type Target,
  type TargetStats,
  type VerifyResult,
  VibeError,
} from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { failureOf } from '../database/failure.js';
import { schemaVersion } from '../database/schema.js';
import { compactedUntil } from '../detail/compacted.js';
import { unfoldedAttempts } from '../detail/read-details.js';
import { limitState } from '../limiter/limit-state.js';
import { errorOf } from '../main/failures.js';
import { Gauges } from '../read/gauges.js';
import { readHealth } from '../read/health.js';
import { openHolds } from '../read/holds.js';
import { openReading } from '../read/open-reading.js';
import { report } from '../read/report.js';
import { stats } from '../read/stats.js';
import { verify } from '../read/verify.js';
import { type AccuracyRow, accuracy } from './accuracy.js';
import { type AttemptRow, type AttemptsQuery, attempts } from './attempt-rows.js';

export interface LedgerFileOptions {
  /** Absolute. A file that does not exist reads as an empty ledger, and is not made. */
  readonly path: string;
  /** IANA. Default: the file's own zone, then this machine's. */
  readonly timezone?: string | undefined;
  /** Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** What a file holds, in numbers. */
export interface LedgerFacts {
  readonly path: string;
  readonly exists: boolean;
  /** Of the database itself. */
  readonly bytes: number;
  /** Of the write-ahead log beside it. */
  readonly walBytes: number;
  /** Pages that a compaction would give back. */
  readonly freeBytes: number;
  readonly events: number;
  readonly attempts: number;
  readonly openHolds: number;
  readonly budgets: number;
  readonly rollups: number;
  /** When the first and the last attempt began; null without attempts. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Of calls from before this moment there may be sums only; null when all calls are there. */
  readonly compactedUntilMs: number | null;
  readonly timezone: string;
  readonly schemaVersion: number;
  readonly sqliteVersion: string;
}

/**
 * A ledger file for programs that only look: on the thread that asks, without a worker and without writing a byte. It
 * reads beside programs that write, and copies on read-only media. Every method throws `ledger_unavailable` for what
 * cannot be read. Long questions block the thread: a server asks the ledger plugin instead.
 */
export interface LedgerFile {
  readonly timezone: string;
  /** True when holds have expired that no writer has ended yet: they still count as held here. */
  hasExpired(): boolean;
  report(query: ReportQuery): Report;
  /**
   * How many attempts, about, a report by tag, by unit or with a breakdown has to read one by one here. Asked on a thread
   * (`administerLedgerFile`), such a report adds them up once and for all.
   */
  unfolded(): number;
  /** The gauges of these budgets; without them of every budget the file knows, as it was last used. */
  budgets(budgets?: readonly ResolvedBudget[]): readonly BudgetState[];
  stats(query: StatsQuery): readonly TargetStats[];
  health(): readonly EndpointHealth[];
  holds(): readonly OpenHold[];
  /** What is used of a target's limits now, over all processes, and when one more request would go. */
  limits(target: Target, limits: Limits): LimitState;
  /** Single rows, in the order asked for. Leave the loop early to stop reading. */
  attempts(query?: AttemptsQuery): Iterable<AttemptRow>;
  /** How many attempts began before this moment. */
  attemptsBefore(beforeMs: number): number;
  /** Estimated against actual cost per model and endpoint. */
  accuracy(query: { readonly sinceMs: number; readonly untilMs: number }): readonly AccuracyRow[];
  verify(): VerifyResult;
  facts(): LedgerFacts;
  /** Copies the file as it stands at one moment, while others write. Replaces what is at `path`. */
  backup(path: string, onProgress?: (doneShare: number) => void): Promise<void>;
  close(): void;
}

export function openLedgerFile(options: LedgerFileOptions): LedgerFile {
  const { path, now = Date.now } = options;
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw VibeError.is(error) ? error : errorOf(failureOf(error, path));
    }
  };
  const { db } = guarded(() => openReading(path));
  const timezone = options.timezone ?? guarded(() => zoneOf(db));
  return {
    timezone,
    hasExpired: () => guarded(() => anyExpired(db, now())),
    report: (query) => guarded(() => report(db, query, timezone, now())),
    unfolded: () => guarded(() => unfoldedAttempts(db)),
    budgets: (budgets) =>
      guarded(() => {
        const gauges = new Gauges(db, timezone, now());
        return budgets === undefined ? gauges.known() : gauges.states(budgets);
      }),
    stats: (query) => guarded(() => stats(db, query)),
    health: () => guarded(() => readHealth(db)),
    holds: () => guarded(() => openHolds(db)),
    limits: (target, limits) =>
      guarded(() => {
        const question = {
          target,
          limits,
          demand: { requests: 1, tokens: 0 },
          nowMs: Math.floor(now()),
          minuteMs: undefined,
        };
        return { target, ...limitState(db, question) };
      }),
    attempts: (query = {}) => attempts(db, query),
    attemptsBefore: (beforeMs) =>
      guarded(() => db.prepare('SELECT count(*) FROM attempt WHERE ts < ?').pluck().get(beforeMs) as number),
    accuracy: (query) => guarded(() => accuracy(db, query)),
    verify: () => guarded(() => verify(db)),
    facts: () => guarded(() => facts(db, path, timezone)),
    backup: async (to, onProgress) => {
      const isNew = !existsSync(to);
      try {
        // It tells as much as the ledger does: nobody else may read it, not even while it is written.
        closeSync(openSync(to, 'a', 0o600));
        await db.backup(to, {
          progress: ({ totalPages, remainingPages }) => {
            onProgress?.(totalPages === 0 ? 1 : 1 - remainingPages / totalPages);
            return pagesPerStep;
          },
        });
        chmodSync(to, statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600);
        onProgress?.(1);
      } catch (error) {
        if (isNew) rmSync(to, { force: true });
        throw errorOf(failureOf(error, to));
      }
    },
    close: () => void db.close(),
  };
}

/** 4 MB at a time: between the steps others may write. */
const pagesPerStep = 1_000;

function zoneOf(db: Database): string {
  const stored = db.prepare("SELECT value FROM meta WHERE key = 'timezone'").pluck().get() as string | undefined;
  return stored ?? systemTimezone();
}

function anyExpired(db: Database, nowMs: number): boolean {
  return db.prepare('SELECT 1 FROM hold WHERE expires_at_ms <= ? LIMIT 1').get(nowMs) !== undefined;
}

function facts(db: Database, path: string, timezone: string): LedgerFacts {
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  const pageSize = db.pragma('page_size', { simple: true }) as number;
  const { firstMs, lastMs } = db.prepare('SELECT min(ts) AS firstMs, max(ts) AS lastMs FROM attempt').get() as {
    firstMs: number | null;
    lastMs: number | null;
  };
  return {
    path,
    exists: existsSync(path),
    bytes: sizeOf(path),
    walBytes: sizeOf(`${path}-wal`),
    freeBytes: (db.pragma('freelist_count', { simple: true }) as number) * pageSize,
    events: count('event'),
    attempts: count('attempt'),
    openHolds: count('hold'),
    budgets: count('budget'),
    rollups: count('rollup'),
    firstMs,
    lastMs,
    compactedUntilMs: compactedUntil(db),
    timezone,
    schemaVersion: schemaVersion(db),
    sqliteVersion: db.prepare('SELECT sqlite_version()').pluck().get() as string,
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
