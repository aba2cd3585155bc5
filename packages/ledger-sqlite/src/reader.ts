import { statSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { refusalOf, systemTimezone } from '@vibe/core';
import type { Database } from 'better-sqlite3';
import { failureOf, lostFile } from './database/failure.js';
import { foldDetails } from './detail/fold.js';
import { foldFrom, unfoldedAttempts } from './detail/read-details.js';
import { limitState } from './limiter/limit-state.js';
import type { FromReader, Reads, ToReader, WorkerSettings } from './protocol.js';
import { endedCalls } from './read/ended-calls.js';
import { Gauges } from './read/gauges.js';
import { readHealth } from './read/health.js';
import { openHolds } from './read/holds.js';
import { type OpenedForReading, openReading } from './read/open-reading.js';
import { readsDetails, report } from './read/report.js';
import { stats } from './read/stats.js';
import { verify } from './read/verify.js';
import { workerClock } from './worker-clock.js';

/** The thread that answers questions, on a connection of its own: a long report keeps neither calls nor writers waiting. */

const port = parentPort;
if (port === null) throw new Error('reader.js is a worker thread of @vibe/ledger-sqlite, not a program.');

const settings = workerData as WorkerSettings;
const leaseClock = workerClock(settings);
let open: (OpenedForReading & { readonly identity: string | null }) | null = null;

port.on('message', (message: ToReader) => {
  if (message === 'close') {
    open?.db.close();
    port.close();
    return;
  }
  port.postMessage(answer(message));
});

function answer({ id, name, nowMs, question, mustExist }: Exclude<ToReader, 'close'>): FromReader {
  try {
    const db = database(mustExist);
    return { id, value: answers[name](db, question as never, nowMs), failure: null, expired: anyExpired(db) };
  } catch (error) {
    open?.db.close();
    open = null;
    return { id, value: null, failure: failureOf(error, settings.path), expired: false };
  }
}

const answers: {
  readonly [Name in keyof Reads]: (
    db: Database,
    question: Reads[Name]['question'],
    nowMs: number,
  ) => Reads[Name]['answer'];
} = {
  check: (db, { budgets, amountNanoUsd }, nowMs) => {
    const gauges = new Gauges(db, timezoneOf(db), nowMs);
    const ask = { addNanoUsd: amountNanoUsd, callNanoUsd: amountNanoUsd };
    const refusal = refusalOf(
      budgets.map((budget) => gauges.balance(budget)),
      ask,
    );
    return { allowed: refusal === null, refusal };
  },
  budgets: (db, query, nowMs) => {
    const gauges = new Gauges(db, timezoneOf(db), nowMs);
    return query === null ? gauges.known() : gauges.states(query.budgets);
  },
  report: (db, query, nowMs) => {
    if (readsDetails(query) && unfoldedAttempts(db) >= foldFrom) foldDetails(settings.path, nowMs);
    return report(db, query, timezoneOf(db), nowMs);
  },
  stats: (db, query) => stats(db, query),
  health: (db) => readHealth(db),
  limits: (db, question) => limitState(db, question),
  calls: (db, query) => endedCalls(db, query),
  holds: (db) => openHolds(db),
  verify: (db) => verify(db),
};

/** Leases are counted on the clock of the writers. */
function anyExpired(db: Database): boolean {
  return db.prepare('SELECT 1 FROM hold WHERE expires_at_ms <= ? LIMIT 1').get(leaseClock()) !== undefined;
}

/** What the program says, then what the file says, then where this machine is. */
function timezoneOf(db: Database): string {
  if (settings.timezone !== null) return settings.timezone;
  const stored = db.prepare("SELECT value FROM meta WHERE key = 'timezone'").pluck().get() as string | undefined;
  return stored ?? systemTimezone();
}

/** Follows a file that appears, goes away, or is replaced. */
function database(mustExist: boolean): Database {
  if (mustExist && identityOf(false) === null) throw lostFile(settings.path);
  if (open !== null && open.identity === identityOf(open.isCopy)) return open.db;
  open?.db.close();
  open = null;
  // Named before it is opened: a file that appears in between must not pass for the empty ledger that was opened.
  const [file, copy] = [identityOf(false), identityOf(true)];
  const opened = openReading(settings.path);
  open = { ...opened, identity: opened.isCopy ? copy : file };
  return open.db;
}

/** Names the file on its disk; null when there is none. A copy is also outdated when the file was written. */
function identityOf(isCopy: boolean): string | null {
  const stats = statSync(settings.path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return null;
  return isCopy ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}` : `${stats.dev}:${stats.ino}`;
}
