import {
  type BudgetCrossing,
  type BudgetRefusal,
  budgetExceeded,
  type Hold,
  type HoldRequest,
  type NanoUsd,
  type VibeError,
} from '@vibe/core';
import type { HoldOrder } from '../encode.js';
import type { Outcome } from '../protocol.js';
import { tagsJsonOf } from '../row-values.js';
import type { AbandonedHolds } from './abandoned-holds.js';
import type { BestEffortView } from './best-effort-view.js';
import type { ChargeTable, MainCharge } from './charge-table.js';
import type { CommandQueue } from './command-queue.js';
import type { LedgerFile } from './ledger-file.js';
import type { Notices } from './notices.js';
import type { OpenCall, OpenCalls } from './open-calls.js';

/** What holding, extending and settling have in common. */
export interface CallParts {
  readonly path: string;
  readonly now: () => number;
  /** Overrides the lease of the request. */
  readonly holdLeaseMs: number | null;
  /** How long a strict call waits for room in a full queue. */
  readonly strictQueueWaitMs: number;
  readonly queue: CommandQueue;
  readonly view: BestEffortView;
  readonly charges: ChargeTable;
  readonly file: LedgerFile;
  readonly calls: OpenCalls;
  readonly abandoned: AbandonedHolds;
  readonly notices: Notices;
  readonly counters: CallCounters;
}

/** What best effort has let pass, and what failed; for `llm doctor`. */
export interface CallCounters {
  /** Calls that were sent although their hold was not recorded. */
  unrecordedHolds: number;
  /** Holds that found the queue full. */
  queueFull: number;
  /** Settlements that wait to be written again. */
  overdueSettlements: number;
  /** Settlements that were given up. */
  lostSettlements: number;
}

/** A lease of 0 or less would expire at once. */
const minLeaseMs = 1;

export function openCallOf(request: HoldRequest, charges: readonly MainCharge[]): OpenCall {
  const { callId, strict, amountNanoUsd } = request;
  return {
    callId,
    strict,
    charges,
    joined: false,
    request,
    tagsJson: tagsJsonOf(request.tags),
    amountNanoUsd,
    recorded: true,
    settled: false,
  };
}

/** `decide`: the writer judges; `watch`: somebody waits to hear of crossed thresholds. */
export function holdOrder(
  { holdLeaseMs }: CallParts,
  { request, tagsJson, charges }: OpenCall,
  decide: boolean,
  watch: boolean,
): HoldOrder {
  return {
    request,
    tagsJson,
    charges,
    leaseMs: Math.max(minLeaseMs, Math.ceil(holdLeaseMs ?? request.leaseMs)),
    decide,
    watch,
  };
}

/** What the writer says about a hold that it has recorded. */
export function recordedHold({ callId, request, charges }: OpenCall, outcome: Outcome): Hold {
  const amountNanoUsd = outcome?.kind === 'value' ? (outcome.value as NanoUsd) : request.amountNanoUsd;
  return { callId, amountNanoUsd, crossings: outcome?.kind === 'crossed' ? crossingsAt(charges, outcome) : [] };
}

function crossingsAt(
  charges: readonly MainCharge[],
  { crossings }: Extract<Outcome, { kind: 'crossed' }>,
): readonly BudgetCrossing[] {
  return crossings.flatMap(({ at, threshold, spentNanoUsd, heldNanoUsd, wouldRefuse }) => {
    const budget = charges[at]?.budget;
    return budget === undefined ? [] : [{ budget, threshold, spentNanoUsd, heldNanoUsd, wouldRefuse }];
  });
}

/** A refusal by the writer as the error the caller gets. */
export function deniedError(
  charges: readonly MainCharge[],
  { refusal }: Extract<Outcome, { kind: 'denied' }>,
): VibeError {
  const charge = charges[refusal.at] as MainCharge;
  const { spentNanoUsd, heldNanoUsd, askedNanoUsd, shortfallNanoUsd } = refusal;
  const full: BudgetRefusal = {
    budget: charge.budget,
    spentNanoUsd,
    heldNanoUsd,
    askedNanoUsd,
    shortfallNanoUsd,
    resetsAtMs: charge.endMs,
  };
  return budgetExceeded(full);
}
