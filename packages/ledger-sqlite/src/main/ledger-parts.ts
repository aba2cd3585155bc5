import { randomUUID } from 'node:crypto';
import { type PluginHost, TransitMap } from '@vibe/core';
import type { Reads, WorkerSettings } from '../protocol.js';
import { AbandonedHolds } from './abandoned-holds.js';
import { BestEffortHolds } from './best-effort-holds.js';
import { BestEffortView, viewMaxAgeMs } from './best-effort-view.js';
import { ChargeTable } from './charge-table.js';
import { CommandQueue } from './command-queue.js';
import type { CallParts } from './holds.js';
import { LedgerFile } from './ledger-file.js';
import { Notices } from './notices.js';
import { Questions } from './questions.js';
import { Settlements } from './settlements.js';
import { within } from './within.js';

/** How a ledger is set up, with its defaults filled in. */
export interface LedgerSettings {
  readonly path: string;
  /** Null: the file's own zone. */
  readonly timezone: string | null;
  /** Null: what each hold asks for. */
  readonly holdLeaseMs: number | null;
  readonly writerUrl: URL;
  readonly readerUrl: URL;
  /** For tests. */
  readonly seams?: LedgerSeams;
}

/** Where tests reach in: the clock of leases, a short lock deadline, a small disk or queue, a view that is never young. */
export interface LedgerSeams
  extends Pick<WorkerSettings, 'clockAheadMs' | 'lockDeadlineMs' | 'maxPageCount' | 'lazyDelayMs' | 'rates'> {
  readonly queueCapacity?: number;
  readonly strictQueueWaitMs?: number;
  readonly viewMaxAgeMs?: number;
  /** How long the limiter waits for the writer before it goes on alone. */
  readonly ratePatienceMs?: number;
  /** How often it tries again whether the file can be used. */
  readonly rateProbeMs?: number;
}

/** How long a question waits until what was sent before it is written. */
const maxBarrierWaitMs = 2_000;
/** How long a question waits for a writer to end expired holds. */
const maxExpiryWaitMs = 1_000;

/** Asks the reader, after what this process has sent before was written. */
export type Ask = <Name extends keyof Reads>(
  name: Name,
  question: Reads[Name]['question'],
) => Promise<Reads[Name]['answer']>;

/** Everything the main-thread side of a ledger is made of. */
export interface LedgerParts extends CallParts {
  readonly bestEffort: BestEffortHolds;
  readonly settlements: Settlements;
  readonly questions: Questions;
  readonly ask: Ask;
}

export function ledgerParts(settings: LedgerSettings, host: PluginHost): LedgerParts {
  const { path, timezone, holdLeaseMs, writerUrl, readerUrl, seams = {} } = settings;
  const {
    queueCapacity: capacity,
    strictQueueWaitMs = 30_000,
    viewMaxAgeMs: maxAgeMs = viewMaxAgeMs,
    ratePatienceMs: _,
    rateProbeMs: __,
    ...workerSeams
  } = seams;
  const worker: WorkerSettings = { path, timezone, owner: `${process.pid}-${randomUUID()}`, ...workerSeams };
  const now = () => host.now();
  const notices = new Notices(host);
  const queue = new CommandQueue({ worker, writerUrl, capacity }, (error, count) =>
    notices.warn('ledger_unavailable', `Rows of blocked calls are lost: ${error.message}`, { rows: count }),
  );
  const calls: CallParts = {
    path,
    now,
    holdLeaseMs,
    strictQueueWaitMs,
    queue,
    notices,
    view: new BestEffortView(queue, maxAgeMs),
    charges: new ChargeTable(),
    file: new LedgerFile(queue, notices, timezone),
    calls: new TransitMap(),
    abandoned: new AbandonedHolds(queue),
    counters: { unrecordedHolds: 0, queueFull: 0, overdueSettlements: 0, lostSettlements: 0 },
  };
  const questions = new Questions({ worker, readerUrl, now });
  const ask: Ask = async (name, question) => {
    // A writer in trouble does not keep the reader from answering, nor does one that waits for a locked file.
    if (queue.pending > 0)
      await within(
        queue.barrier(false).catch(() => undefined),
        maxBarrierWaitMs,
        undefined,
      );
    return questions.ask(name, question, {
      hasOpened: calls.file.timezone !== null,
      prepare: () => calls.file.open(),
      endExpired: () =>
        within(
          queue.barrier(false).then(
            () => true,
            () => false,
          ),
          maxExpiryWaitMs,
          false,
        ),
    });
  };
  return { ...calls, bestEffort: new BestEffortHolds(calls), settlements: new Settlements(calls), questions, ask };
}
