import { VibeError } from '../errors/vibe-error.js';
import { TransitMap } from '../flow/transit-map.js';
import { formatUsd } from '../money/nano-usd.js';
import {
  type Ask,
  type BudgetBalance,
  budgetExceeded,
  crossingsOf,
  refusalOf,
  refusalOfExtension,
  warningMark,
} from '../policies/budget-admission.js';
import { type ChargedAttempt, chargeOfCall, chargeOfScope, isCorrectedIn } from '../policies/budget-charge.js';
import type { BudgetRefusal, ResolvedBudget } from '../spec/budget.js';
import type { ExtendRequest, Hold, HoldRequest, OpenHold, Settlement, VerifyResult } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import { type LedgerRow, rowOfResolved, rowsOfSettlement } from './ledger-rows.js';
import { RecentMap } from './recent-map.js';
import { balanceOf, type WindowTotal, WindowTotals } from './window-totals.js';

/** Reports and statistics look back over this many attempts; budgets are exact for ever. */
const maxRows = 10_000;
/** How many ended calls are remembered at least, so that settling one again is a no-op. */
const leastEndedCalls = 50_000;

/** A budget in the window it was held in. */
interface MemoryCharge {
  readonly budget: ResolvedBudget;
  readonly total: WindowTotal;
}

interface MemoryHold {
  readonly request: HoldRequest;
  readonly createdAtMs: number;
  charges: readonly MemoryCharge[];
  strict: boolean;
  amountNanoUsd: NanoUsd;
}

interface EndedCall {
  /** Where a correction counts. */
  readonly totals: readonly WindowTotal[];
  /** Set when a person ended it: then its settlement may still come. */
  readonly byHand?: ByHand;
}

interface ByHand {
  readonly hold: MemoryHold;
  readonly bookedNanoUsd: NanoUsd;
  correctedNanoUsd: NanoUsd;
}

/** The bookkeeping of the reference ledger: what is held and spent in each window, and which calls are over. */
export class MemoryBooks {
  readonly timezone: string;
  readonly rows: LedgerRow[] = [];
  readonly #now: () => number;
  readonly totals: WindowTotals;
  readonly #holds = new TransitMap<MemoryHold>();
  readonly #ended = new RecentMap<EndedCall>(leastEndedCalls);
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
    const balances = this.#balances(request.budgets);
    const ask = askOf(request);
    const refusal = refusalOf(balances, ask);
    if (refusal !== null) throw budgetExceeded(refusal);
    const crossings = crossingsOf(balances, ask);
    const charges = this.#chargesOf(request.budgets);
    for (const total of windowsOf(charges)) total.heldNanoUsd += amountNanoUsd;
    for (const crossing of crossings) {
      const total = this.totals.of(crossing.budget);
      total.warnedUpTo = Math.max(total.warnedUpTo, warningMark(crossing));
    }
    if (request.idempotencyKey !== undefined) this.#keys.set(request.idempotencyKey, callId);
    this.#holds.set(callId, {
      request,
      charges,
      strict: request.strict,
      createdAtMs: this.nowMs,
      amountNanoUsd,
    });
    return { callId, amountNanoUsd, crossings };
  }

  extend(callId: string, toNanoUsd: NanoUsd, also?: ExtendRequest): void {
    assertAmount(toNanoUsd);
    const hold = this.#holds.get(callId);
    if (hold === undefined) throw unknownHold(callId);
    const callNanoUsd = Math.max(toNanoUsd, hold.amountNanoUsd);
    const addNanoUsd = callNanoUsd - hold.amountNanoUsd;
    const held = windowsOf(hold.charges);
    // Also after midnight: a budget the call is held against does not join it a second time.
    const isHeld = ({ budget }: MemoryCharge) => hold.charges.some((own) => isSameBudget(own.budget, budget));
    const joining = this.#chargesOf(also?.budgets ?? []).filter((charge) => !isHeld(charge));
    const own = hold.charges.map(balanceOfCharge);
    const refusal = refusalOfExtension(own, joining.map(balanceOfCharge), hold.amountNanoUsd, callNanoUsd);
    if (refusal !== null) throw budgetExceeded(refusal);
    for (const total of held) total.heldNanoUsd += addNanoUsd;
    for (const total of windowsOf(joining)) total.heldNanoUsd += callNanoUsd;
    hold.charges = [...hold.charges, ...joining];
    hold.strict ||= also?.strict ?? false;
    hold.amountNanoUsd = callNanoUsd;
  }

  settle(callId: string, settlement: Settlement): void {
    const ended = this.#ended.get(callId);
    if (ended !== undefined && ended.byHand === undefined) return;
    const hold = ended?.byHand?.hold ?? this.#holds.get(callId);
    if (ended?.byHand !== undefined) this.#takeBack(callId, ended.totals, ended.byHand);
    // An unknown cost knows no better than what a person has booked.
    const unknownNanoUsd = ended?.byHand?.bookedNanoUsd ?? (hold?.strict === true ? hold.amountNanoUsd : 0);
    this.#end(callId, hold, (scope) => chargeOfScope(scope, settlement, unknownNanoUsd), settlement.attempts.at(-1));
    const chargedNanoUsd = chargeOfCall(settlement, unknownNanoUsd) ?? 0;
    for (const row of rowsOfSettlement(callId, settlement, hold, chargedNanoUsd, this.nowMs)) this.addRow(row);
  }

  addRow(row: LedgerRow): void {
    this.rows.push(row);
    if (this.rows.length > 2 * maxRows) this.rows.splice(0, this.rows.length - maxRows);
  }

  /** What a hold would be refused with now, null when it would be taken. */
  refusalOf(request: HoldRequest): BudgetRefusal | null {
    return refusalOf(this.#balances(request.budgets), askOf(request));
  }

  #balances(budgets: readonly ResolvedBudget[]): readonly BudgetBalance[] {
    return budgets.map((budget) => balanceOf(this.totals.of(budget), budget));
  }

  openHolds(): readonly OpenHold[] {
    return this.#holds.values().map(({ request, strict, amountNanoUsd, createdAtMs }) => ({
      callId: request.callId,
      amountNanoUsd,
      strict,
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
    const chargedNanoUsd = how === 'spent' ? hold.amountNanoUsd : 0;
    this.#end(
      callId,
      hold,
      () => chargedNanoUsd,
      // Nobody knows where it was sent last: a correction counts wherever it was booked.
      undefined,
      { hold, bookedNanoUsd: chargedNanoUsd, correctedNanoUsd: 0 },
    );
    this.addRow(rowOfResolved(hold, hold.createdAtMs, chargedNanoUsd));
  }

  correct(callId: string, deltaNanoUsd: NanoUsd): void {
    assertAmount(Math.abs(deltaNanoUsd));
    const ended = this.#ended.get(callId);
    if (ended === undefined)
      throw new VibeError(
        'invalid_request',
        `No settled call ${callId} in this ledger, so there is nothing to correct.`,
      );
    const rows = this.rows.filter((row) => row.callId === callId);
    const chargedNanoUsd = rows.reduce((sum, row) => sum + row.chargedNanoUsd, 0);
    if (rows.length > 0 && chargedNanoUsd + deltaNanoUsd < 0)
      throw new VibeError(
        'invalid_request',
        `Call ${callId} was charged ${formatUsd(chargedNanoUsd)}: it cannot be lowered by ${formatUsd(-deltaNanoUsd)}.`,
      );
    for (const total of ended.totals) total.spentNanoUsd += deltaNanoUsd;
    if (ended.byHand !== undefined) ended.byHand.correctedNanoUsd += deltaNanoUsd;
    const row = rows.findLast((candidate) => candidate.last);
    if (row !== undefined) row.chargedNanoUsd += deltaNanoUsd;
  }

  verify(): VerifyResult {
    const problems: string[] = [];
    for (const total of this.totals.all()) {
      let held = 0;
      for (const { charges, amountNanoUsd } of this.#holds.values())
        if (windowsOf(charges).has(total)) held += amountNanoUsd;
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

  /** `last` is the attempt that a correction of the call would be about. */
  #end(
    callId: string,
    hold: MemoryHold | undefined,
    chargeOf: (scope: string) => NanoUsd,
    last?: ChargedAttempt,
    byHand?: ByHand,
  ): void {
    this.#holds.delete(callId);
    const windows = windowsOf(hold?.charges ?? []);
    for (const total of windows) {
      total.heldNanoUsd -= hold?.amountNanoUsd ?? 0;
      total.spentNanoUsd += chargeOf(total.budget.scope);
    }
    this.#ended.add(
      callId,
      windows.size === 0 && byHand === undefined
        ? countedNowhere
        : {
            totals: [...windows].filter(({ budget }) => isCorrectedIn(budget.scope, last)),
            ...(byHand === undefined ? {} : { byHand }),
          },
    );
  }

  /** What a person has booked for a call whose settlement comes after all: the truth replaces it, once. */
  #takeBack(
    callId: string,
    corrected: readonly WindowTotal[],
    { hold, bookedNanoUsd, correctedNanoUsd }: ByHand,
  ): void {
    for (const total of windowsOf(hold.charges)) {
      total.heldNanoUsd += hold.amountNanoUsd;
      total.spentNanoUsd -= bookedNanoUsd;
    }
    for (const total of corrected) total.spentNanoUsd -= correctedNanoUsd;
    this.rows.splice(0, this.rows.length, ...this.rows.filter((row) => row.callId !== callId));
  }

  #chargesOf(budgets: readonly ResolvedBudget[]): readonly MemoryCharge[] {
    return budgets.map((budget) => ({ budget, total: this.totals.of(budget) }));
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

const noWindows: ReadonlySet<WindowTotal> = new Set();
const countedNowhere: EndedCall = { totals: [] };

/** Each window once, also when two budgets count the same money. */
function windowsOf(charges: readonly MemoryCharge[]): ReadonlySet<WindowTotal> {
  return charges.length === 0 ? noWindows : new Set(charges.map(({ total }) => total));
}

function isSameBudget(left: ResolvedBudget, right: ResolvedBudget): boolean {
  return left.scope === right.scope && left.window === right.window;
}

function balanceOfCharge({ budget, total }: MemoryCharge): BudgetBalance {
  return balanceOf(total, budget);
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
