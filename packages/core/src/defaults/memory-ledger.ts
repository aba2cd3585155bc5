import { VibeError } from '../errors/vibe-error.js';
import { type Ask, type BudgetBalance, budgetExceeded, crossingsOf, refusalOf } from '../policies/budget-admission.js';
import { systemTimezone } from '../policies/budget-window.js';
import type { ResolvedBudget } from '../spec/budget.js';
import type { Hold, HoldRequest, Ledger, OpenHold, Settlement, VerifyResult } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import { type LedgerRow, reportOf, rowsOfSettlement, statsOf } from './ledger-rows.js';
import { balanceOf, type WindowTotal, WindowTotals } from './window-totals.js';

/** Reports and statistics look back over this many attempts; budgets are exact for ever. */
const maxRows = 10_000;
/** How many ended calls are remembered, so that settling one again is a no-op. */
const maxEndedCalls = 100_000;

interface MemoryHold {
  readonly request: HoldRequest;
  readonly totals: readonly WindowTotal[];
  readonly createdAtMs: number;
  amountNanoUsd: NanoUsd;
}

interface EndedCall {
  readonly totals: readonly WindowTotal[];
  chargedNanoUsd: NanoUsd;
}

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
  const store = new MemoryLedger(options.timezone ?? systemTimezone(), options.now ?? Date.now);
  return {
    kind: 'ledger',
    hold: async (request) => store.hold(request),
    extend: async (callId, toNanoUsd) => store.extend(callId, toNanoUsd),
    settle: async (callId, settlement) => store.settle(callId, settlement),
    block: async (blocked) => store.addRow({ ...blocked, record: null, endedAtMs: store.nowMs }),
    check: async (request) => {
      const refusal = refusalOf(store.balances(request.budgets), askOf(request));
      return { allowed: refusal === null, refusal };
    },
    budgets: async (query) => store.totals.states(query?.budgets),
    report: async (query) => reportOf(store.rows, query, store.timezone, store.nowMs),
    stats: async (query) => statsOf(store.rows, query),
    admin: {
      holds: async () => store.openHolds(),
      resolve: async (callId, how) => store.resolve(callId, how),
      correct: async (callId, { deltaNanoUsd }) => store.correct(callId, deltaNanoUsd),
      verify: async () => store.verify(),
      rebuild: async () => undefined,
    },
    flush: async () => undefined,
    close: async () => undefined,
  };
}

class MemoryLedger {
  readonly timezone: string;
  readonly rows: LedgerRow[] = [];
  readonly #now: () => number;
  readonly totals: WindowTotals;
  readonly #holds = new Map<string, MemoryHold>();
  readonly #ended = new Map<string, EndedCall>();
  readonly #keys = new Map<string, string>();

  constructor(timezone: string, now: () => number) {
    this.timezone = timezone;
    this.#now = now;
    this.totals = new WindowTotals(timezone, now);
  }

  get nowMs(): number {
    return this.#now();
  }

  hold(request: HoldRequest): Hold {
    const { callId, amountNanoUsd } = request;
    assertAmount(amountNanoUsd);
    const same = this.#holds.get(callId);
    // A hold that comes after its settlement is a repeated command, not a new call.
    if (same !== undefined || this.#ended.has(callId))
      return { callId, amountNanoUsd: same?.amountNanoUsd ?? amountNanoUsd, crossings: [] };
    this.#claimKey(request);
    const balances = this.balances(request.budgets);
    const ask = askOf(request);
    const refusal = refusalOf(balances, ask);
    if (refusal !== null) throw budgetExceeded(refusal);
    const crossings = crossingsOf(balances, ask);
    const totals = request.budgets.map((budget) => this.totals.of(budget));
    for (const total of totals) total.heldNanoUsd += amountNanoUsd;
    for (const { budget, threshold } of crossings) this.totals.of(budget).warnedUpTo = threshold;
    if (request.idempotencyKey !== undefined) this.#keys.set(request.idempotencyKey, callId);
    this.#holds.set(callId, { request, totals, createdAtMs: this.nowMs, amountNanoUsd });
    return { callId, amountNanoUsd, crossings };
  }

  extend(callId: string, toNanoUsd: NanoUsd): void {
    assertAmount(toNanoUsd);
    const hold = this.#holds.get(callId);
    if (hold === undefined) throw unknownHold(callId);
    const addNanoUsd = toNanoUsd - hold.amountNanoUsd;
    if (addNanoUsd <= 0) return;
    const balances = hold.totals.map((total, index) => balanceOf(total, hold.request.budgets[index] ?? total.budget));
    const refusal = refusalOf(balances, { addNanoUsd, callNanoUsd: toNanoUsd });
    if (refusal !== null) throw budgetExceeded(refusal);
    for (const total of hold.totals) total.heldNanoUsd += addNanoUsd;
    hold.amountNanoUsd = toNanoUsd;
  }

  settle(callId: string, settlement: Settlement): void {
    if (this.#ended.has(callId)) return;
    const hold = this.#holds.get(callId);
    this.#end(callId, hold, settlement.actualNanoUsd ?? 0);
    for (const row of rowsOfSettlement(callId, settlement, hold?.request, this.nowMs)) this.addRow(row);
  }

  addRow(row: LedgerRow): void {
    this.rows.push(row);
    if (this.rows.length > 2 * maxRows) this.rows.splice(0, this.rows.length - maxRows);
  }

  balances(budgets: readonly ResolvedBudget[]): readonly BudgetBalance[] {
    return budgets.map((budget) => balanceOf(this.totals.of(budget), budget));
  }

  openHolds(): readonly OpenHold[] {
    return [...this.#holds.values()].map(({ request, amountNanoUsd, createdAtMs }) => ({
      callId: request.callId,
      amountNanoUsd,
      strict: request.strict,
      owner: `${process.pid}`,
      createdAtMs,
      expiresAtMs: this.nowMs + request.leaseMs,
      traceId: request.traceId,
      target: request.target,
    }));
  }

  resolve(callId: string, how: 'spent' | 'released'): void {
    const hold = this.#holds.get(callId);
    if (hold === undefined) throw unknownHold(callId);
    this.#end(callId, hold, how === 'spent' ? hold.amountNanoUsd : 0);
  }

  correct(callId: string, deltaNanoUsd: NanoUsd): void {
    const ended = this.#ended.get(callId);
    if (ended === undefined)
      throw new VibeError(
        'invalid_request',
        `No settled call ${callId} in this ledger, so there is nothing to correct.`,
      );
    for (const total of ended.totals) total.spentNanoUsd += deltaNanoUsd;
    ended.chargedNanoUsd += deltaNanoUsd;
  }

  verify(): VerifyResult {
    const problems: string[] = [];
    for (const total of this.totals.all()) {
      let held = 0;
      for (const hold of this.#holds.values()) if (hold.totals.includes(total)) held += hold.amountNanoUsd;
      if (held !== total.heldNanoUsd)
        problems.push(`${total.budget.id}: ${total.heldNanoUsd} held, open holds say ${held}`);
    }
    return {
      ok: problems.length === 0,
      events: this.#ended.size + this.#holds.size,
      attempts: this.rows.length,
      openHolds: this.#holds.size,
      problems,
    };
  }

  #end(callId: string, hold: MemoryHold | undefined, chargedNanoUsd: NanoUsd): void {
    this.#holds.delete(callId);
    for (const total of hold?.totals ?? []) {
      total.heldNanoUsd -= hold?.amountNanoUsd ?? 0;
      total.spentNanoUsd += chargedNanoUsd;
    }
    this.#ended.set(callId, { totals: hold?.totals ?? [], chargedNanoUsd });
    if (this.#ended.size > maxEndedCalls) this.#ended.delete(this.#ended.keys().next().value as string);
  }

  #claimKey({ idempotencyKey, callId }: HoldRequest): void {
    const firstCallId = idempotencyKey === undefined ? undefined : this.#keys.get(idempotencyKey);
    if (firstCallId === undefined || firstCallId === callId) return;
    throw new VibeError(
      'invalid_request',
      `The idempotency key "${idempotencyKey}" was used by call ${firstCallId}; nothing was sent.`,
      {
        details: { idempotencyKey, firstCallId },
        next: ['Look at the first call in the ledger, or use a new key to send this one.'],
      },
    );
  }
}

function askOf({ amountNanoUsd }: HoldRequest): Ask {
  return { addNanoUsd: amountNanoUsd, callNanoUsd: amountNanoUsd };
}

function assertAmount(amountNanoUsd: NanoUsd): void {
  if (Number.isSafeInteger(amountNanoUsd) && amountNanoUsd >= 0) return;
  throw new VibeError('internal', `Money is counted in whole nano-USD, got ${amountNanoUsd}.`);
}

function unknownHold(callId: string): VibeError {
  return new VibeError('invalid_request', `No open hold of call ${callId} in this ledger.`, { details: { callId } });
}
