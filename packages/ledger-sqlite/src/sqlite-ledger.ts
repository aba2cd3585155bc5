import { randomUUID } from 'node:crypto';
import type { BlockedCall, HoldRequest, Ledger, PluginHost, Settlement } from '@vibe/core';
import { BestEffortHolds } from './main/best-effort-holds.js';
import { BestEffortView, viewMaxAgeMs } from './main/best-effort-view.js';
import { ChargeTable } from './main/charge-table.js';
import { amountProblem, settlementProblem } from './main/checks.js';
import { CommandQueue } from './main/command-queue.js';
import { extendHold } from './main/extensions.js';
import type { CallCounters, CallParts } from './main/holds.js';
import { LedgerFile } from './main/ledger-file.js';
import { Notices } from './main/notices.js';
import { Questions } from './main/questions.js';
import { blockedRow } from './main/rows.js';
import { Settlements } from './main/settlements.js';
import { strictHold } from './main/strict-holds.js';
import type { WorkerSettings } from './protocol.js';
import { tagsJsonOf } from './row-values.js';

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
export interface LedgerSeams extends Pick<WorkerSettings, 'clockAheadMs' | 'lockDeadlineMs' | 'maxPageCount' | 'lazyDelayMs'> {
  readonly queueCapacity?: number;
  readonly viewMaxAgeMs?: number;
}

/** What went wrong since the start without ending a call; for `llm doctor`. */
export interface LedgerCounters extends CallCounters {
  readonly writerRestarts: number;
  readonly blocksLost: number;
}

/** The ledger in one SQLite file, shared by all processes of a host. */
export interface SqliteLedger extends Ledger {
  counters(): LedgerCounters;
}

/** The main-thread side: turns calls of the ledger into messages to the writer and reader threads. Opens at its first use. */
export function createSqliteLedger(settings: LedgerSettings, host: PluginHost): SqliteLedger {
  const { path, timezone, holdLeaseMs, writerUrl, readerUrl, seams = {} } = settings;
  const { queueCapacity: capacity, viewMaxAgeMs: maxAgeMs = viewMaxAgeMs, ...workerSeams } = seams;
  const worker: WorkerSettings = { path, timezone, owner: `${process.pid}-${randomUUID()}`, ...workerSeams };
  const now = () => host.now();
  const notices = new Notices(host);
  const queue = new CommandQueue({ worker, writerUrl, capacity }, (error, count) =>
    notices.warn('ledger_unavailable', `Rows of blocked calls are lost: ${error.message}`, { rows: count }),
  );
  const file = new LedgerFile(queue, notices, timezone);
  const view = new BestEffortView(queue, maxAgeMs);
  const counters: CallCounters = { unrecordedHolds: 0, queueFull: 0, overdueSettlements: 0, lostSettlements: 0 };
  const charges = new ChargeTable();
  const parts: CallParts = { path, now, holdLeaseMs, queue, view, charges, file, calls: new Map(), notices, counters };
  const bestEffort = new BestEffortHolds(parts);
  const settlements = new Settlements(parts);
  const questions = new Questions({ worker, readerUrl, now });
  const open = () => file.open();

  /** Whoever asks sees what this process has sent before. A writer in trouble does not keep a reader from answering. */
  const written = async () => {
    if (queue.pending > 0) await queue.barrier(false).catch(() => undefined);
  };
  const flush = async () => {
    await settlements.retry();
    if (queue.started) await queue.barrier(true);
  };
  let closing: Promise<void> | null = null;

  return {
    kind: 'ledger',
    hold: (request) => {
      const wrong = amountProblem(request.amountNanoUsd, 'a hold');
      if (wrong !== null) return Promise.reject(wrong);
      return request.strict ? strictHold(parts, request) : bestEffort.hold(request);
    },
    extend: async (callId, toNanoUsd) => {
      const wrong = amountProblem(toNanoUsd, 'a hold');
      if (wrong !== null) throw wrong;
      return extendHold(parts, callId, toNanoUsd);
    },
    settle: (callId: string, settlement: Settlement) => {
      const wrong = settlementProblem(settlement);
      return wrong === null ? settlements.settle(callId, settlement) : Promise.reject(wrong);
    },
    block: async (blocked: BlockedCall) => {
      const { callId, traceId, tags } = blocked;
      queue.block({ kind: 'block', callId, traceId, tagsJson: tagsJsonOf(tags), row: blockedRow(blocked, now()) });
    },
    check: async ({ budgets, amountNanoUsd }: HoldRequest) => {
      await written();
      return questions.ask('check', { budgets, amountNanoUsd }, open);
    },
    budgets: async (query) => {
      await written();
      return questions.ask('budgets', query ?? null, open);
    },
    report: async (query) => {
      await written();
      return questions.ask('report', query, open);
    },
    stats: async (query) => {
      await written();
      return questions.ask('stats', query, open);
    },
    health: {
      read: async () => {
        await written();
        return questions.ask('health', null, open);
      },
      write: (changes) => {
        const copies = changes.map(({ key, state, untilMs, latencyMs, updatedAtMs }) => ({ key, state, untilMs, latencyMs, updatedAtMs }));
        queue.task('health', copies).catch((error: Error) => notices.warn('ledger_unavailable', `Other processes do not learn of endpoint health: ${error.message}`));
      },
    },
    admin: {
      holds: async () => {
        await written();
        return questions.ask('holds', null, open);
      },
      resolve: async (callId, how) => {
        await queue.task('resolve', { callId, how });
      },
      correct: async (callId, { deltaNanoUsd, reason }) => {
        const wrong = amountProblem(Math.abs(deltaNanoUsd), 'a correction');
        if (wrong !== null) throw wrong;
        await queue.task('correct', { callId, deltaNanoUsd, reason });
      },
      verify: async () => {
        await written();
        return questions.ask('verify', null, open);
      },
      rebuild: async () => {
        await queue.task('rebuild', null);
      },
    },
    flush,
    close: () => {
      closing ??= (async () => {
        try {
          // What a writer in trouble cannot take was told to its callers; only unwritten money is told again.
          await settlements.retry();
          if (queue.started) await queue.barrier(true).catch(() => undefined);
        } finally {
          settlements.stop();
          await Promise.all([queue.close(), questions.close()]);
        }
      })();
      return closing;
    },
    counters: () => ({ ...counters, ...queue.counters }),
  };
}
