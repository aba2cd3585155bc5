import type { Ledger, LedgerAdmin, PluginHost } from '@vibe/core';
import { createSqliteLimiter, type SqliteLimiter } from './limiter/sqlite-limiter.js';
import { administration, health } from './main/administration.js';
import { amountProblem, settlementProblem } from './main/checks.js';
import type { QueueCounters } from './main/command-queue.js';
import { ending } from './main/ending.js';
import { extendHold } from './main/extensions.js';
import type { CallCounters } from './main/holds.js';
import { type LedgerParts, type LedgerSettings, ledgerParts } from './main/ledger-parts.js';
import { blockedRow } from './main/rows.js';
import { strictHold } from './main/strict-holds.js';
import { tagsJsonOf } from './row-values.js';

export type { LedgerSeams, LedgerSettings } from './main/ledger-parts.js';

/** What went wrong since the start without ending a call; for `llm doctor`. */
export interface LedgerCounters extends CallCounters, QueueCounters {}

/** The ledger in one SQLite file, shared by all processes of a host. */
export interface SqliteLedger extends Ledger {
  readonly admin: LedgerAdmin;
  counters(): LedgerCounters;
}

/** The main-thread side: turns calls of the ledger into messages to the writer and reader threads. Opens at its first use. */
export function createSqliteLedger(settings: LedgerSettings, host: PluginHost): SqliteLedger {
  return ledgerOf(ledgerParts(settings, host));
}

/** A ledger and a limiter in one file, with one thread that writes. */
export function createSqliteStore(
  settings: LedgerSettings,
  host: PluginHost,
): { readonly ledger: SqliteLedger; readonly limiter: SqliteLimiter } {
  const parts = ledgerParts(settings, host);
  return { ledger: ledgerOf(parts), limiter: createSqliteLimiter(parts, settings, host) };
}

function ledgerOf(parts: LedgerParts): SqliteLedger {
  const { queue, settlements, bestEffort, ask, now, counters } = parts;
  return {
    kind: 'ledger',
    prepare: () => queue.prepare(),
    hold: (request) => {
      const wrong = amountProblem(request.amountNanoUsd, 'a hold');
      if (wrong !== null) return Promise.reject(wrong);
      return request.strict ? strictHold(parts, request) : bestEffort.hold(request);
    },
    extend: async (callId, toNanoUsd, also) => {
      const wrong = amountProblem(toNanoUsd, 'a hold');
      if (wrong !== null) throw wrong;
      return extendHold(parts, callId, toNanoUsd, also);
    },
    settle: (callId, settlement) => {
      const wrong = settlementProblem(settlement);
      return wrong === null ? settlements.settle(callId, settlement) : Promise.reject(wrong);
    },
    block: async (blocked) => {
      const { callId, traceId, tags } = blocked;
      queue.block({ kind: 'block', callId, traceId, tagsJson: tagsJsonOf(tags), row: blockedRow(blocked, now()) });
    },
    check: ({ budgets, amountNanoUsd }) => ask('check', { budgets, amountNanoUsd }),
    budgets: (query) => ask('budgets', query ?? null),
    report: (query) => ask('report', query),
    stats: (query) => ask('stats', query),
    health: health(parts),
    admin: administration(parts),
    ...ending(parts),
    counters: () => ({ ...counters, ...queue.counters }),
  };
}
