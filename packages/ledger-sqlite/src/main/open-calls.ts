import type { HoldRequest, NanoUsd, TransitMap } from '@vibe/core';
import type { MainCharge } from './charge-table.js';

/** A call of this process between its hold and its settlement. */
export interface OpenCall {
  readonly callId: string;
  /** Of the whole call; an extension may raise both. */
  strict: boolean;
  charges: readonly MainCharge[];
  /** Budgets that do not count the first target have joined. */
  joined: boolean;
  readonly request: HoldRequest;
  /** Of `request.tags`; null without tags. */
  readonly tagsJson: string | null;
  amountNanoUsd: NanoUsd;
  /** False: best effort let it go although the ledger could not record the hold. */
  recorded: boolean;
  /** True from its first settlement on, which may have to be repeated. */
  settled: boolean;
}

/** What the process knows of its own calls; other processes' calls are only in the file. */
export type OpenCalls = TransitMap<OpenCall>;
