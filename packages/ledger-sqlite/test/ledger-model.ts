/**
 * The ledger as simply as it can be said: calls, budget windows, leases. No files, no batches, no rollback. The store is
 * compared with it after every step.
 */
export interface ModelBudget {
  readonly key: string;
  readonly limitNanoUsd: number;
  readonly shadow: boolean;
  /** The only model it counts; null: all. */
  readonly model: string | null;
}

/** What one request cost, and whom it was sent to. */
export interface ModelAttempt {
  readonly model: string;
  readonly nanoUsd: number | null;
}

export interface ModelCall {
  budgets: readonly ModelBudget[];
  strict: boolean;
  readonly leaseMs: number;
  owner: string;
  heldNanoUsd: number;
  expiresAtMs: number;
  state: 'open' | 'settled' | 'ended';
  /** What it was charged for so far. */
  chargedNanoUsd: number;
  /** The part of it each budget bears. */
  chargedTo: (budget: ModelBudget) => number;
  /** Whom a correction is about. */
  lastModel: string | null;
  correctedNanoUsd: number;
  /** What the end of its hold has booked. */
  bookedNanoUsd: number;
  overrunNanoUsd: number;
}

export class LedgerModel {
  readonly calls = new Map<string, ModelCall>();
  settlements = 0;

  spent(key: string): number {
    return this.#sum(key, (call, budget) => {
      const isAbout = call.lastModel === null || budget.model === null || budget.model === call.lastModel;
      return call.chargedTo(budget) + (isAbout ? call.correctedNanoUsd : 0);
    });
  }

  held(key: string): number {
    return this.#sum(key, (call) => (call.state === 'open' ? call.heldNanoUsd : 0));
  }

  /** Null: admitted. Otherwise the key of the budget that refuses. */
  hold(
    callId: string,
    amountNanoUsd: number,
    budgets: readonly ModelBudget[],
    strict: boolean,
    leaseMs: number,
    owner: string,
    nowMs: number,
  ): string | null {
    if (this.calls.has(callId)) return null;
    const refusing = this.#refusing(budgets, amountNanoUsd);
    if (refusing !== null) return refusing;
    this.calls.set(callId, {
      budgets,
      strict,
      leaseMs,
      owner,
      heldNanoUsd: amountNanoUsd,
      expiresAtMs: nowMs + leaseMs,
      state: 'open',
      ...nothingCharged,
    });
    return null;
  }

  extend(callId: string, askedNanoUsd: number, also: readonly ModelBudget[]): 'done' | 'unknown' | 'refused' {
    const call = this.calls.get(callId);
    if (call === undefined || call.state !== 'open') return 'unknown';
    const toNanoUsd = Math.max(askedNanoUsd, call.heldNanoUsd);
    const joining = also.filter(({ key }) => !call.budgets.some((budget) => budget.key === key));
    if (this.#refusing(call.budgets, toNanoUsd - call.heldNanoUsd) !== null && toNanoUsd > call.heldNanoUsd)
      return 'refused';
    if (this.#refusing(joining, toNanoUsd) !== null) return 'refused';
    call.heldNanoUsd = toNanoUsd;
    call.budgets = [...call.budgets, ...joining];
    call.strict = true;
    return 'done';
  }

  settle(callId: string, attempts: readonly ModelAttempt[]): void {
    const call = this.calls.get(callId) ?? { ...unheld };
    if (call.state === 'settled') return;
    this.settlements += 1;
    const known = this.calls.has(callId);
    const least = call.state === 'ended' ? call.bookedNanoUsd : call.strict && known ? call.heldNanoUsd : 0;
    const costOf = (counted: readonly ModelAttempt[]) => {
      const sum = counted.reduce((total, { nanoUsd }) => total + (nanoUsd ?? 0), 0);
      return counted.some(({ nanoUsd }) => nanoUsd === null) ? Math.max(sum, least) : sum;
    };
    call.chargedNanoUsd = costOf(attempts);
    call.chargedTo = ({ model }) => costOf(attempts.filter((attempt) => model === null || attempt.model === model));
    call.correctedNanoUsd = 0;
    call.lastModel = attempts.at(-1)?.model ?? null;
    call.overrunNanoUsd = known ? Math.max(0, call.chargedNanoUsd - call.heldNanoUsd) : 0;
    call.state = 'settled';
    this.calls.set(callId, call);
  }

  resolve(callId: string, how: 'spent' | 'released'): boolean {
    const call = this.calls.get(callId);
    if (call === undefined || call.state !== 'open') return false;
    end(call, how === 'spent' ? call.heldNanoUsd : 0);
    return true;
  }

  correct(callId: string, deltaNanoUsd: number): boolean {
    const call = this.calls.get(callId);
    if (call === undefined || call.state === 'open' || call.chargedNanoUsd + deltaNanoUsd < 0) return false;
    call.chargedNanoUsd += deltaNanoUsd;
    call.correctedNanoUsd += deltaNanoUsd;
    return true;
  }

  renew(owner: string, nowMs: number): void {
    for (const call of this.calls.values()) {
      if (call.state !== 'open' || call.owner !== owner) continue;
      if (call.expiresAtMs <= nowMs + Math.floor((call.leaseMs * 2) / 3)) call.expiresAtMs = nowMs + call.leaseMs;
    }
  }

  anyExpired(nowMs: number): boolean {
    return [...this.calls.values()].some((call) => call.state === 'open' && call.expiresAtMs <= nowMs);
  }

  reap(nowMs: number): void {
    for (const call of this.calls.values()) {
      if (call.state !== 'open' || call.expiresAtMs > nowMs) continue;
      end(call, call.strict ? call.heldNanoUsd : 0);
    }
  }

  #refusing(budgets: readonly ModelBudget[], addNanoUsd: number): string | null {
    const refusing = budgets.find(
      ({ key, limitNanoUsd, shadow }) => !shadow && this.spent(key) + this.held(key) + addNanoUsd > limitNanoUsd,
    );
    return refusing?.key ?? null;
  }

  #sum(key: string, amountOf: (call: ModelCall, budget: ModelBudget) => number): number {
    let sum = 0;
    for (const call of this.calls.values()) {
      const budget = call.budgets.find((candidate) => candidate.key === key);
      if (budget !== undefined) sum += amountOf(call, budget);
    }
    return sum;
  }
}

function end(call: ModelCall, bookedNanoUsd: number): void {
  call.state = 'ended';
  call.bookedNanoUsd = bookedNanoUsd;
  call.chargedNanoUsd = bookedNanoUsd;
  call.chargedTo = () => bookedNanoUsd;
}

const nothingCharged = {
  chargedNanoUsd: 0,
  chargedTo: () => 0,
  lastModel: null,
  correctedNanoUsd: 0,
  bookedNanoUsd: 0,
  overrunNanoUsd: 0,
};

const unheld: ModelCall = {
  budgets: [],
  strict: true,
  leaseMs: 0,
  owner: '',
  heldNanoUsd: 0,
  expiresAtMs: 0,
  state: 'open',
  ...nothingCharged,
};
