import { systemTimezone } from '../policies/budget-window.js';
import type { Ledger } from '../spec/ledger.js';
import { endedCalls } from './ended-calls.js';
import { reportOf } from './ledger-report.js';
import { rowOfBlocked, statsOf } from './ledger-rows.js';
import { MemoryBooks } from './memory-books.js';

export interface MemoryLedgerOptions {
  /** IANA. Default: the zone of this process. */
  readonly timezone?: string;
  readonly now?: () => number;
}

/**
 * The reference ledger: everything in the memory of this process, nothing survives it. One process, so a promise here is
 * always kept and both modes behave the same; a hold cannot outlive its process, so none expires.
 */
export function memoryLedger(options: MemoryLedgerOptions = {}): Ledger {
  const books = new MemoryBooks(options.timezone ?? systemTimezone(), options.now ?? Date.now);
  return {
    kind: 'ledger',
    hold: async (request) => books.hold(request),
    extend: async (callId, toNanoUsd, also) => books.extend(callId, toNanoUsd, also),
    settle: async (callId, settlement) => books.settle(callId, settlement),
    block: async (blocked) => books.addRow(rowOfBlocked(blocked, books.nowMs)),
    check: async (request) => {
      const refusal = books.refusalOf(request);
      return { allowed: refusal === null, refusal };
    },
    budgets: async (query) => books.totals.states(query?.budgets),
    report: async (query) => reportOf(books.rows, query, books.timezone, books.nowMs),
    stats: async (query) => statsOf(books.rows, query),
    admin: {
      calls: async (query = {}) => endedCalls(books.rows, query),
      holds: async () => books.openHolds(),
      resolve: async (callId, how) => books.resolve(callId, how),
      correct: async (callId, { deltaNanoUsd }) => books.correct(callId, deltaNanoUsd),
      verify: async () => books.verify(),
      rebuild: async () => undefined,
    },
    flush: async () => undefined,
    close: async () => undefined,
  };
}
