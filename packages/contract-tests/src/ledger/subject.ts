import type { Ledger } from '@vibe/core';

/** The world a ledger under test lives in. */
export interface LedgerEnvironment {
  /** Epoch milliseconds. Stands still until a test moves it, mostly forward. */
  now(): number;
  /** IANA. The ledger's own zone: that of budgets which name none. */
  readonly timezone: string;
}

/** An empty ledger, made for one test. */
export interface LedgerSubject {
  readonly ledger: Ledger;
  /** Frees everything: files, threads. Called once, also after `reopen`. */
  close(): Promise<void>;
  /**
   * Closes the ledger and opens its store again, as the next process would. Offer it when the store outlives its process;
   * the suite then holds the ledger to what that promises.
   */
  reopen?(): Promise<Ledger>;
}

export interface LedgerContractOptions {
  /** Names the ledger in the report. */
  readonly name: string;
  create(environment: LedgerEnvironment): Promise<LedgerSubject>;
}
