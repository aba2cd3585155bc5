import { VibeError } from '../errors/vibe-error.js';
import { usdOf } from '../money/nano-usd.js';
import { type Ask, type BudgetBalance, budgetExceeded, crossingsOf, refusalOf } from '../policies/budget-admission.js';
import { scopeMatches } from '../policies/budget-scope.js';
import { systemTimezone, windowSpan } from '../policies/budget-window.js';
import type { BudgetState, ResolvedBudget } from '../spec/budget.js';
import type { Hold, HoldRequest, Ledger, OpenHold, Settlement, VerifyResult } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import { type LedgerRow, reportOf, rowsOfSettlement, statsOf } from './ledger-rows.js';

/** Reports and statistics look back over this many attempts; budgets are exact for ever. */
const maxRows = 10_000;
/** How many ended calls are remembered, so that settling one again is a no-op. */
const maxEndedCalls = 100_000;

/** From here on windows that have ended are forgotten: only their rows are of interest. */
const maxTotals = 10_000;

/** One budget window: what is spent and held in it. */
interface WindowTotal {
  readonly budget: ResolvedBudget;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly timezone: string;
  spentNanoUsd: NanoUsd;
  heldNanoUsd: NanoUsd;
  warnedUpTo: number;
}

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
    budgets: async (query) => store.states(query?.budgets),
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
  readonly #totals = new Map<string, WindowTotal>();
  readonly #holds = new Map<string, MemoryHold>();
  readonly #ended = new Map<string, EndedCall>();
  readonly #keys = new Map<string, string>();

  constructor(timezone: string, now: () => number) {
    this.timezone = timezone;
    this.#now = now;
  }

  get nowMs(): number {
    return this.#now();
  }

  hold(request: HoldRequest): Hold {
    const { callId, amountNanoUsd } = request;
    assertAmount(amountNanoUsd);
    const same = this.#holds.get(callId);
    if (same !== undefined) return { callId, amountNanoUsd: same.amountNanoUsd, crossings: [] };
    this.#claimKey(request);
    const balances = this.balances(request.budgets);
    const ask = askOf(request);
    const refusal = refusalOf(balances, ask);
    if (refusal !== null) throw budgetExceeded(refusal);
    const crossings = crossingsOf(balances, ask);
    const totals = request.budgets.map((budget) => this.#totalOf(budget));
    for (const total of totals) total.heldNanoUsd += amountNanoUsd;
    for (const { budget, threshold } of crossings) this.#totalOf(budget).warnedUpTo = threshold;
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
    return budgets.map((budget) => balanceOf(this.#totalOf(budget), budget));
  }

  /** The window of each budget; for a scope with `*` one gauge per value seen. Without a list: every window in use now. */
  states(budgets: readonly ResolvedBudget[] | undefined): readonly BudgetState[] {
    const current = [...this.#totals.values()].filter((total) => total.endMs === null || total.endMs > this.nowMs);
    if (budgets === undefined) return current.map((total) => stateOf(total, total.budget));
    return budgets.flatMap((budget) => {
      if (!budget.scope.includes('=*')) return [stateOf(this.#totalOf(budget), budget)];
      const zone = budget.timezone ?? this.timezone;
      return current
        .filter(
          (total) =>
            total.budget.window === budget.window &&
            total.timezone === zone &&
            scopeMatches(budget.scope, total.budget.scope),
        )
        .map((total) => stateOf(total, { ...budget, scope: total.budget.scope }));
    });
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
    for (const total of this.#totals.values()) {
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

  #totalOf(budget: ResolvedBudget): WindowTotal {
    const timezone = budget.timezone ?? this.timezone;
    const { startMs, endMs } = windowSpan(budget.window, timezone, this.nowMs);
    const key = `${budget.scope}|${budget.window}|${timezone}|${startMs}`;
    let total = this.#totals.get(key);
    if (total === undefined) {
      total = { budget, startMs, endMs, timezone, spentNanoUsd: 0, heldNanoUsd: 0, warnedUpTo: 0 };
      if (this.#totals.size >= maxTotals) this.#forgetEndedWindows();
      this.#totals.set(key, total);
    }
    return total;
  }

  #forgetEndedWindows(): void {
    for (const [key, total] of this.#totals) {
      if (total.endMs !== null && total.endMs <= this.nowMs && total.heldNanoUsd === 0) this.#totals.delete(key);
    }
  }
}

function askOf({ amountNanoUsd }: HoldRequest): Ask {
  return { addNanoUsd: amountNanoUsd, callNanoUsd: amountNanoUsd };
}

function balanceOf(total: WindowTotal, budget: ResolvedBudget): BudgetBalance {
  const { spentNanoUsd, heldNanoUsd, endMs, warnedUpTo } = total;
  return { budget, spentNanoUsd, heldNanoUsd, resetsAtMs: endMs, warnedUpTo };
}

function stateOf(total: WindowTotal, budget: ResolvedBudget): BudgetState {
  const { spentNanoUsd, heldNanoUsd, timezone, endMs } = total;
  const remainingNanoUsd = budget.limitNanoUsd - spentNanoUsd - heldNanoUsd;
  return {
    id: budget.id,
    scope: budget.scope,
    window: budget.window,
    timezone,
    mode: budget.mode,
    shadow: budget.shadow,
    limitUsd: usdOf(budget.limitNanoUsd),
    spentUsd: usdOf(spentNanoUsd),
    heldUsd: usdOf(heldNanoUsd),
    remainingUsd: usdOf(remainingNanoUsd),
    limitNanoUsd: budget.limitNanoUsd,
    spentNanoUsd,
    heldNanoUsd,
    remainingNanoUsd,
    resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    origin: budget.origin,
  };
}

function assertAmount(amountNanoUsd: NanoUsd): void {
  if (Number.isSafeInteger(amountNanoUsd) && amountNanoUsd >= 0) return;
  throw new VibeError('internal', `Money is counted in whole nano-USD, got ${amountNanoUsd}.`);
}

function unknownHold(callId: string): VibeError {
  return new VibeError('invalid_request', `No open hold of call ${callId} in this ledger.`, { details: { callId } });
}
