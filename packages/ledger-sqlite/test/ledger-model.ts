/**
 * The ledger as simply as it can be said: calls, budget windows, leases. No files, no batches, no rollback. The store is
 * compared with it after every step.
 */
export interface ModelBudget {
  readonly key: string;
  readonly limitNanoUsd: number;
  readonly shadow: boolean;
}

export interface ModelCall {
  readonly budgets: readonly ModelBudget[];
  readonly strict: boolean;
  readonly leaseMs: number;
  owner: string;
  heldNanoUsd: number;
  expiresAtMs: number;
  state: 'open' | 'settled' | 'ended';
  /** What budgets were charged for it so far. */
  chargedNanoUsd: number;
  /** What the end of its hold has booked. */
  bookedNanoUsd: number;
  overrunNanoUsd: number;
}

export class LedgerModel {
  readonly calls = new Map<string, ModelCall>();
  settlements = 0;

  spent(key: string): number {
    return this.#sum(key, ({ chargedNanoUsd }) => chargedNanoUsd);
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
      chargedNanoUsd: 0,
      bookedNanoUsd: 0,
      overrunNanoUsd: 0,
    });
    return null;
  }

  extend(callId: string, toNanoUsd: number): 'done' | 'unknown' | 'refused' {
    const call = this.calls.get(callId);
    if (call === undefined || call.state !== 'open') return 'unknown';
    if (toNanoUsd <= call.heldNanoUsd) return 'done';
    if (this.#refusing(call.budgets, toNanoUsd - call.heldNanoUsd) !== null) return 'refused';
    call.heldNanoUsd = toNanoUsd;
    return 'done';
  }

  settle(callId: string, actualNanoUsd: number | null): void {
    const call = this.calls.get(callId);
    if (call === undefined) {
      this.calls.set(callId, { ...unheld, chargedNanoUsd: actualNanoUsd ?? 0, overrunNanoUsd: 0 });
      this.settlements += 1;
      return;
    }
    if (call.state === 'settled') return;
    this.settlements += 1;
    call.chargedNanoUsd = actualNanoUsd ?? call.bookedNanoUsd;
    call.overrunNanoUsd = Math.max(0, call.chargedNanoUsd - call.heldNanoUsd);
    call.state = 'settled';
  }

  resolve(callId: string, how: 'spent' | 'released'): boolean {
    const call = this.calls.get(callId);
    if (call === undefined || call.state !== 'open') return false;
    call.state = 'ended';
    call.bookedNanoUsd = how === 'spent' ? call.heldNanoUsd : 0;
    call.chargedNanoUsd = call.bookedNanoUsd;
    return true;
  }

  correct(callId: string, deltaNanoUsd: number): boolean {
    const call = this.calls.get(callId);
    if (call === undefined || call.state === 'open' || call.chargedNanoUsd + deltaNanoUsd < 0) return false;
    call.chargedNanoUsd += deltaNanoUsd;
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
      call.state = 'ended';
      call.bookedNanoUsd = call.strict ? call.heldNanoUsd : 0;
      call.chargedNanoUsd = call.bookedNanoUsd;
    }
  }

  #refusing(budgets: readonly ModelBudget[], addNanoUsd: number): string | null {
    const refusing = budgets.find(
      ({ key, limitNanoUsd, shadow }) => !shadow && this.spent(key) + this.held(key) + addNanoUsd > limitNanoUsd,
    );
    return refusing?.key ?? null;
  }

  #sum(key: string, amountOf: (call: ModelCall) => number): number {
    let sum = 0;
    for (const call of this.calls.values())
      if (call.budgets.some((budget) => budget.key === key)) sum += amountOf(call);
    return sum;
  }
}

const unheld: ModelCall = {
  budgets: [],
  strict: true,
  leaseMs: 0,
  owner: '',
  heldNanoUsd: 0,
  expiresAtMs: 0,
  state: 'settled',
  chargedNanoUsd: 0,
  bookedNanoUsd: 0,
  overrunNanoUsd: 0,
};
