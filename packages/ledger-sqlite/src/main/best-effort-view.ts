import {
  type BudgetBalance,
  type BudgetCrossing,
  type BudgetRefusal,
  crossingsOf,
  type NanoUsd,
  type ResolvedBudget,
  refusalOf,
  refusalOfExtension,
  VibeError,
  warningMark,
} from '@vibe/core';
import type { MainCharge } from './charge-table.js';
import type { CommandQueue } from './command-queue.js';
import { errorOf } from './failures.js';

/** How old the file's totals may be when a call is decided from them. */
export const viewMaxAgeMs = 1_000;
/** Windows of users and runs come and go; past this the view starts anew. */
const maxEntries = 50_000;

/** One budget window as this process sees it: the file's totals, and what this process did since they were asked for. */
export class ViewEntry {
  spentNanoUsd = 0;
  heldNanoUsd = 0;
  warned = 0;
  /** `performance.now()` of the question behind the totals. */
  asOfMs = Number.NEGATIVE_INFINITY;
  /** Own changes since the last question, and those before it while its answer is out. */
  spentSince = 0;
  heldSince = 0;
  spentBefore = 0;
  heldBefore = 0;
  /** Held by calls whose hold could not be recorded: the file does not know of it. */
  unrecordedNanoUsd = 0;
  asking: Promise<VibeError | null> | null = null;

  get spent(): NanoUsd {
    return this.spentNanoUsd + this.spentBefore + this.spentSince;
  }

  get held(): NanoUsd {
    return Math.max(0, this.heldNanoUsd + this.heldBefore + this.heldSince) + this.unrecordedNanoUsd;
  }
}

/**
 * What best-effort calls are decided from without waiting for the disk. Exact for one process; other processes' money
 * is seen at most `viewMaxAgeMs` late.
 */
export class BestEffortView {
  readonly #queue: CommandQueue;
  readonly #maxAgeMs: number;
  readonly #entries = new Map<string, ViewEntry>();

  constructor(queue: CommandQueue, maxAgeMs: number) {
    this.#queue = queue;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Null when the view of these charges is young enough. Otherwise asks the file; resolves with the error when it cannot tell. */
  refresh(charges: readonly MainCharge[]): Promise<VibeError | null> | null {
    const nowMs = performance.now();
    let wait: Promise<VibeError | null> | null = null;
    const stale: MainCharge[] = [];
    for (const charge of charges) {
      if (charge.budget.window === 'call') continue;
      const entry = this.#entryOf(charge);
      const ageMs = nowMs - entry.asOfMs;
      if (entry.asking === null && ageMs * 2 >= this.#maxAgeMs) stale.push(charge);
      if (ageMs >= this.#maxAgeMs) wait = entry.asking ?? wait;
    }
    if (stale.length === 0) return wait;
    const asking = this.#ask(stale, nowMs);
    // A view that is only half its age is renewed while it is used.
    const tooOld = stale.some((charge) => nowMs - this.#entryOf(charge).asOfMs >= this.#maxAgeMs);
    return tooOld ? asking : wait;
  }

  refusal(charges: readonly MainCharge[], addNanoUsd: NanoUsd, callNanoUsd: NanoUsd): BudgetRefusal | null {
    return refusalOf(this.#balances(charges), { addNanoUsd, callNanoUsd });
  }

  /** Of a call that asks for more, `joining` with the whole amount. */
  refusalOfMore(
    own: readonly MainCharge[],
    joining: readonly MainCharge[],
    fromNanoUsd: NanoUsd,
    toNanoUsd: NanoUsd,
  ): BudgetRefusal | null {
    return refusalOfExtension(this.#balances(own), this.#balances(joining), fromNanoUsd, toNanoUsd);
  }

  crossings(charges: readonly MainCharge[], addNanoUsd: NanoUsd): readonly BudgetCrossing[] {
    if (!charges.some(({ budget }) => budget.shadow || budget.warnAt.length > 0)) return [];
    return crossingsOf(this.#balances(charges), { addNanoUsd, callNanoUsd: addNanoUsd });
  }

  /** So that a crossing that was just told is not predicted again. */
  told(crossings: readonly BudgetCrossing[], charges: readonly MainCharge[]): void {
    for (const crossing of crossings) {
      const entry = charges.find((charge) => charge.budget === crossing.budget)?.view;
      if (entry !== null && entry !== undefined) entry.warned = Math.max(entry.warned, warningMark(crossing));
    }
  }

  /** Own money that is held, or not any more. Windows no best-effort call has looked at are not followed. */
  addHeld(charges: readonly MainCharge[], heldNanoUsd: NanoUsd): void {
    if (this.#entries.size === 0) return;
    for (const [entry] of entriesOf(charges)) entry.heldSince += heldNanoUsd;
  }

  /** Own money that was spent. */
  addSpent(charges: readonly MainCharge[], spentOf: (scope: string) => NanoUsd): void {
    if (this.#entries.size === 0) return;
    for (const [entry, { scope }] of entriesOf(charges)) entry.spentSince += spentOf(scope);
  }

  /** A hold that was counted turned out not to be recorded (sign 1), or its call has ended (sign −1). */
  addUnrecorded(charges: readonly MainCharge[], amountNanoUsd: NanoUsd): void {
    for (const [entry] of entriesOf(charges)) entry.unrecordedNanoUsd += amountNanoUsd;
  }

  #entryOf(charge: MainCharge): ViewEntry {
    if (charge.view !== null) return charge.view;
    const { budget, timezone, startMs, endMs } = charge;
    const key = JSON.stringify([budget.scope, budget.window, endMs === null ? '' : timezone, startMs]);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= maxEntries) this.#entries.clear();
      entry = new ViewEntry();
      this.#entries.set(key, entry);
    }
    charge.view = entry;
    return entry;
  }

  #balances(charges: readonly MainCharge[]): readonly BudgetBalance[] {
    return charges.map((charge) => {
      const { budget, endMs: resetsAtMs } = charge;
      if (budget.window === 'call') return { budget, spentNanoUsd: 0, heldNanoUsd: 0, resetsAtMs, warnedUpTo: 0 };
      const { spent: spentNanoUsd, held: heldNanoUsd, warned: warnedUpTo } = this.#entryOf(charge);
      return { budget, spentNanoUsd, heldNanoUsd, resetsAtMs, warnedUpTo };
    });
  }

  #ask(charges: readonly MainCharge[], nowMs: number): Promise<VibeError | null> {
    const entries = new Set(charges.map((charge) => this.#entryOf(charge)));
    let resolve: (error: VibeError | null) => void = () => undefined;
    const asking = new Promise<VibeError | null>((settle) => {
      resolve = settle;
    });
    for (const entry of entries) ask(entry, asking);
    const failed = (error: VibeError) => {
      for (const entry of entries) giveBack(entry);
      resolve(error);
    };
    this.#queue.balances(charges, {
      failed,
      done: (outcome) => {
        if (outcome?.kind !== 'value')
          return failed(outcome?.kind === 'failed' ? errorOf(outcome.failure) : noAnswer());
        const values = outcome.value as readonly number[];
        for (const [index, charge] of charges.entries()) {
          answer(
            this.#entryOf(charge),
            values[index * 3] ?? 0,
            values[index * 3 + 1] ?? 0,
            values[index * 3 + 2] ?? 0,
            nowMs,
          );
        }
        resolve(null);
      },
    });
    return asking;
  }
}

function noAnswer(): VibeError {
  return new VibeError('internal', 'The writer of the ledger gave no balances.');
}

/** What was done before the question is part of its answer; what comes after is not. */
function ask(entry: ViewEntry, asking: Promise<VibeError | null>): void {
  entry.asking = asking;
  entry.spentBefore = entry.spentSince;
  entry.heldBefore = entry.heldSince;
  entry.spentSince = 0;
  entry.heldSince = 0;
}

function answer(entry: ViewEntry, spentNanoUsd: number, heldNanoUsd: number, warned: number, askedAtMs: number): void {
  entry.asking = null;
  entry.spentNanoUsd = spentNanoUsd;
  entry.heldNanoUsd = heldNanoUsd;
  entry.warned = Math.max(entry.warned, warned);
  entry.spentBefore = 0;
  entry.heldBefore = 0;
  entry.asOfMs = askedAtMs;
}

function giveBack(entry: ViewEntry): void {
  entry.asking = null;
  entry.spentSince += entry.spentBefore;
  entry.heldSince += entry.heldBefore;
  entry.spentBefore = 0;
  entry.heldBefore = 0;
}

/** Each window once, also when two budgets count the same money. */
function entriesOf(charges: readonly MainCharge[]): ReadonlyMap<ViewEntry, ResolvedBudget> {
  const entries = new Map<ViewEntry, ResolvedBudget>();
  for (const { view, budget } of charges) if (view !== null) entries.set(view, budget);
  return entries;
}
