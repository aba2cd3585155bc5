import type {
  BudgetCrossing,
  BudgetRefusal,
  BudgetState,
  BudgetsQuery,
  CallsQuery,
  EndedCall,
  EndpointHealth,
  LimitState,
  NanoUsd,
  OpenHold,
  Report,
  ReportQuery,
  ResolvedBudget,
  StatsQuery,
  Target,
  TargetLimitsOptions,
  TargetStats,
  Verdict,
  VerifyResult,
} from '@vibe/core';
import type { Failure } from './database/failure.js';
import type { LimitQuestion } from './limiter/limit-state.js';
import type { RateCommand, RateNews } from './limiter/rate-orders.js';

/** What a writer or reader thread is started with. */
export interface WorkerSettings {
  readonly path: string;
  /** The zone the program asks for. Null: the file's own, which is this machine's when the file is made. */
  readonly timezone: string | null;
  /** Names this process in its holds; stays the same when a writer is replaced. */
  readonly owner: string;
  /**
   * The rest is for tests: a clock ahead of the real one (one f64, in ms; a second one, when it is not 0, is where the clock
   * stands), a short lock deadline, a small disk, no delay, a short minute and line.
   */
  readonly clockAheadMs?: SharedArrayBuffer | undefined;
  readonly lockDeadlineMs?: number | undefined;
  readonly maxPageCount?: number | undefined;
  readonly lazyDelayMs?: number | undefined;
  readonly rates?: TargetLimitsOptions | undefined;
}

/** A budget in one of its windows: what a hold is charged to. Defined once per writer, then named by its index. */
export interface ChargeDefinition {
  readonly budget: ResolvedBudget;
  readonly timezone: string;
  readonly startMs: number;
  readonly endMs: number | null;
}

export interface HoldCommand<Charge> {
  readonly kind: 'hold';
  readonly callId: string;
  readonly amountNanoUsd: NanoUsd;
  readonly strict: boolean;
  /** False: the best-effort view has decided already, and the hold is only recorded. */
  readonly decide: boolean;
  /** False: nobody waits for the answer, so a crossed threshold is left for the next hold to report. */
  readonly watch: boolean;
  readonly leaseMs: number;
  readonly traceId: string;
  readonly target: Target;
  readonly tagsJson: string | null;
  readonly usage: UsagePairs;
  readonly idempotencyKey: string | null;
  readonly charges: readonly Charge[];
}

export interface ExtendCommand<Charge> {
  readonly kind: 'extend';
  readonly callId: string;
  readonly toNanoUsd: NanoUsd;
  readonly strict: boolean;
  readonly decide: boolean;
  /** Those of the hold, in the same windows also when a new day has begun, and those that join it. */
  readonly charges: readonly Charge[];
}

/** One physical request, ready for its row. */
export interface AttemptValues {
  readonly attempt: number;
  readonly ts: number;
  readonly status: string;
  readonly target: Target | null;
  readonly servedModel: string | null;
  readonly requestId: string | null;
  /** Null when nothing is known. */
  readonly usage: UsagePairs | null;
  readonly usageUnknown: boolean;
  readonly usageSource: string | null;
  readonly estimatedNanoUsd: NanoUsd | null;
  readonly actualNanoUsd: NanoUsd | null;
  readonly currency: string | null;
  readonly fxRate: number | null;
  readonly lines: readonly AttemptLine[];
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  readonly waitMs: number | null;
  readonly retryMs: number | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly finishReason: string | null;
  readonly rawFinishReason: string | null;
  readonly httpStatus: number | null;
}

/** Unit, quantity, unit, quantity … */
export type UsagePairs = readonly (string | number)[];

export type AttemptLine = readonly [unit: string, quantity: number, nanoUsd: NanoUsd, priceId: string];

export interface SettleCommand<Charge> {
  readonly kind: 'settle';
  readonly callId: string;
  readonly strict: boolean;
  readonly status: string;
  readonly actualNanoUsd: NanoUsd | null;
  /** Null: as the hold says. */
  readonly traceId: string | null;
  readonly tagsJson: string | null;
  readonly downgradedFrom: string | null;
  /** At least one: a call without requests has a row with attempt 0. */
  readonly attempts: readonly AttemptValues[];
  /** What the hold would have recorded, and what to charge, when it never was. */
  readonly idempotencyKey: string | null;
  readonly charges: readonly Charge[];
}

export interface BlockCommand {
  readonly kind: 'block';
  readonly callId: string;
  readonly traceId: string;
  readonly tagsJson: string | null;
  readonly row: AttemptValues;
}

/** Waits until everything before it is written, including what was waiting for a batch to ride on. */
export interface BarrierCommand {
  readonly kind: 'barrier';
  /** True: also forced to the disk. */
  readonly durable: boolean;
}

export interface ProbeClaim {
  readonly key: string;
  readonly probes: number;
  readonly leaseMs: number;
}

/** Rare commands, by name. */
export interface WriterTasks {
  open: { payload: null; result: OpenedFile };
  /** spent, held and warned of each charge, one after the other. */
  balances: { payload: readonly number[]; result: readonly number[] };
  health: { payload: readonly EndpointHealth[]; result: null };
  /** The number of the place that was taken; null when there is none. */
  claimProbe: { payload: ProbeClaim; result: number | null };
  releaseProbe: { payload: { readonly key: string; readonly place: number }; result: null };
  /** Refuses a key that another call has used. */
  checkKey: { payload: { readonly idempotencyKey: string; readonly callId: string }; result: null };
  /** Holds whose fate is unknown to their process, which did not send: nobody renews them, and they end as released. */
  abandon: { payload: readonly string[]; result: null };
  resolve: { payload: { readonly callId: string; readonly how: 'spent' | 'released' }; result: null };
  correct: {
    payload: { readonly callId: string; readonly deltaNanoUsd: NanoUsd; readonly reason: string };
    result: null;
  };
  rebuild: { payload: null; result: null };
}

export type TaskName = keyof WriterTasks;

export interface TaskCommand {
  readonly kind: 'task';
  readonly name: TaskName;
  readonly payload: unknown;
}

export type Command<Charge> =
  | HoldCommand<Charge>
  | ExtendCommand<Charge>
  | SettleCommand<Charge>
  | BlockCommand
  | BarrierCommand
  | TaskCommand
  | RateCommand;

export interface OpenedFile {
  readonly timezone: string;
  readonly networkFileSystem: string | null;
}

/** How a command ended. Null: done (or done before), and nothing to say about it. `at` is an index into the charges of the command. */
export type Outcome =
  | { readonly kind: 'denied'; readonly refusal: RefusalAt }
  | { readonly kind: 'crossed'; readonly crossings: readonly CrossingAt[] }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'value'; readonly value: unknown }
  | null;

export interface RefusalAt extends Omit<BudgetRefusal, 'budget' | 'resetsAtMs'> {
  readonly at: number;
}

export interface CrossingAt extends Omit<BudgetCrossing, 'budget'> {
  readonly at: number;
}

/** From the main thread: commands of one microtask turn, as the flat array of `encode.ts`, or the order to finish. */
export type ToWriter = readonly unknown[] | 'close';

/** From the writer, after COMMIT. */
export interface FromWriter {
  /** So many commands are done, in the order they were sent (rows of blocked calls are counted apart). */
  readonly done: number;
  /** Outcomes that are not null, by their place among the `done`. */
  readonly outcomes: readonly (readonly [index: number, outcome: Outcome])[];
  readonly blocks: number;
  readonly blocksFailed: Failure | null;
  /** What has become of calls that waited for a rate limit. */
  readonly rates?: readonly RateNews[];
  /** They cannot be served: the file cannot be used. */
  readonly ratesFailed?: Failure;
}

/** What a reader can be asked. */
export interface Reads {
  check: {
    question: { readonly budgets: readonly ResolvedBudget[]; readonly amountNanoUsd: NanoUsd };
    answer: Verdict;
  };
  budgets: { question: BudgetsQuery | null; answer: readonly BudgetState[] };
  report: { question: ReportQuery; answer: Report };
  stats: { question: StatsQuery; answer: readonly TargetStats[] };
  health: { question: null; answer: readonly EndpointHealth[] };
  limits: { question: LimitQuestion; answer: Omit<LimitState, 'target'> };
  calls: { question: CallsQuery; answer: readonly EndedCall[] };
  holds: { question: null; answer: readonly OpenHold[] };
  verify: { question: null; answer: VerifyResult };
}

export type ToReader =
  | {
      readonly id: number;
      readonly name: keyof Reads;
      readonly nowMs: number;
      readonly question: unknown;
      /** There was a file: one that is missing now was deleted. */
      readonly mustExist: boolean;
    }
  | 'close';

export interface FromReader {
  readonly id: number;
  readonly value: unknown;
  readonly failure: Failure | null;
  /** Holds have expired that no writer has ended yet: the answer counts them as held. */
  readonly expired: boolean;
}
