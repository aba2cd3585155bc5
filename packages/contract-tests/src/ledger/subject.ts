import type { PluginInput } from '@vibe/core';

/** The world a ledger under test lives in. */
export interface LedgerEnvironment {
  /** Epoch milliseconds. Stands still until a test moves it, mostly forward. */
  now(): number;
  /** IANA. The ledger's own zone: that of budgets which name none. */
  readonly timezone: string;
}

/** An empty ledger, made for one test. */
export interface LedgerSubject {
  /** A plugin with a ledger, or the ledger itself. A plugin is told the environment's time. */
  readonly ledger: PluginInput;
  /** Removes what is left, such as files. The suite has closed the ledger before. */
  close(): Promise<void>;
  /**
   * Opens the store again, as the next process would. The suite has closed the ledger before. Offer it when the store
   * outlives its process; the suite then holds the ledger to what that promises.
   */
  reopen?(): Promise<PluginInput>;
}

export interface LedgerContractOptions {
  /** Names the ledger in the report. */
  readonly name: string;
  create(environment: LedgerEnvironment): Promise<LedgerSubject>;
}
