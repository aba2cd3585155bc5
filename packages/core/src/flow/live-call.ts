import type { ResolvedBudget } from '../spec/budget.js';
import type { Part } from '../spec/content.js';
import type { ProviderEvent, StreamEvent } from '../spec/event.js';
import type { Limits } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { NanoUsd } from '../spec/money.js';
import type { Provider } from '../spec/provider.js';
import type { AttemptRecord, Warning } from '../spec/response.js';
import type { RouteOption, RoutePlan } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { Answer } from './answer.js';
import type { Cancellation } from './cancellation.js';
import type { EarlyPermit } from './early-permit.js';
import { Endings } from './endings.js';

/** What passes through the stages. `meter` takes `usage` out; `respond` turns the result in `final` into a response. */
export type ChainEvent = ProviderEvent;
/** Asks for the answer of a call; resolves with its first event, or throws why there is none. */
export type ChainHandler<C> = (call: C) => Promise<Answer>;
/** One stage of the chain: what it does before the answer begins, and through `Answer` at its end. */
export type Stage<In, Out = In> = (next: ChainHandler<Out>) => ChainHandler<In>;

/** The request's own settings with every default filled in. Durations in ms. */
export interface CallSettings {
  readonly connectMs: number;
  readonly firstChunkMs: number;
  /** The first event of a unary answer is the whole answer: only a `firstChunkMs` that was asked for bounds it. */
  readonly unaryMs: number;
  readonly chunkMs: number;
  readonly totalMs: number;
  readonly idleMs: number;
  readonly attempts: number;
  readonly retryBudgetMs: number;
  readonly on429: boolean;
  readonly waitOnRateLimit: boolean;
  readonly maxWaitMs: number;
  readonly onCancel: 'abort' | 'drain';
}

/** What has happened in a call so far. One per call, written by the stages, read by whoever reports. */
export interface CallState {
  readonly attempts: AttemptRecord[];
  readonly warnings: Warning[];
  /** Everything the caller has been shown, merged. */
  readonly content: Part[];
  /** What its end will give back. */
  readonly endings: Endings;
  /** The chain has been entered with this state. */
  entered: boolean;
  plan: RoutePlan | null;
  /** The candidate whose worst case is held, then the one that was last tried. */
  target: Target | null;
  estimatedNanoUsd: NanoUsd | null;
  heldNanoUsd: NanoUsd;
  /** True from the hold on: the call then ends in a settlement instead of a blocked row. */
  held: boolean;
  downgradedFrom: Target | null;
  /** Physical requests that were started. */
  dispatched: number;
  waitMs: number;
  retryMs: number;
  /** How much of `retryMs` a provider's 429 was the reason for. */
  limitedMs: number;
  firstDeltaAtMs: number | null;
  /** The validated answer of a call with an output schema. */
  object: unknown;
  /** The caller has left, but the rest is read so that usage is exact. */
  draining: boolean;
  /** All of its answer has arrived and is settled. */
  complete: boolean;
  /** Every time that middleware has entered the chain for this call. */
  readonly begun: AsyncIterator<StreamEvent>[];
  /** What runs in its place since middleware has repeated it: a call of its own. */
  repeatedAs: LiveCall | null;
  /** What telemetry has noted where `stream()` was called, for the first pull, which may come from elsewhere. */
  callerContext: unknown;
}

export function newCallState(): CallState {
  return {
    attempts: [],
    warnings: [],
    content: [],
    endings: new Endings(),
    entered: false,
    plan: null,
    target: null,
    estimatedNanoUsd: null,
    heldNanoUsd: 0,
    held: false,
    downgradedFrom: null,
    dispatched: 0,
    waitMs: 0,
    retryMs: 0,
    limitedMs: 0,
    firstDeltaAtMs: null,
    object: null,
    draining: false,
    complete: false,
    begun: [],
    repeatedAs: null,
    callerContext: null,
  };
}

/** A call inside the chain. */
export type LiveCall = Call & {
  readonly settings: CallSettings;
  readonly state: CallState;
  /** What `signal` is made of. */
  readonly cancellation: Cancellation;
};

/** A target that may serve the call, with all that is needed to hold, admit and call it. */
export interface Candidate {
  readonly option: RouteOption;
  readonly target: Target;
  readonly provider: Provider;
  readonly limits: Limits;
  readonly budgets: readonly ResolvedBudget[];
  /** The hold must be durable before the request leaves. */
  readonly strict: boolean;
  /** Upper bound of the tokens it would be sent. */
  readonly inputTokens: number;
  /** As in `RankedRoute`. */
  readonly attempts?: number;
  /** A step of `router.downgrade.steps`, behind the model that was asked for by name. */
  readonly standsIn?: boolean;
}

/** What the stages add to a call on its way in. */
type Added = Partial<Omit<PermittedAttempt, keyof LiveCall>>;

/**
 * A call as the stages hand it on. Every stage makes a copy with what it adds, so the fields of all stages are there from
 * the start: such a copy is a hundred times cheaper than an object that is spread and then grows.
 */
class StagedCall {
  readonly operation: LiveCall['operation'];
  readonly request: LiveCall['request'];
  readonly id: string;
  readonly traceId: string;
  readonly incremental: boolean;
  readonly cancellation: Cancellation;
  readonly startedAtMs: number;
  readonly settings: CallSettings;
  readonly state: CallState;
  readonly candidates: Added['candidates'];
  readonly passedOver: Added['passedOver'];
  readonly cover: Added['cover'];
  readonly extraNanoUsd: Added['extraNanoUsd'];
  readonly early: Added['early'];
  readonly candidate: Added['candidate'];
  readonly maxDispatched: Added['maxDispatched'];
  readonly attempt: Added['attempt'];
  readonly backoffMs: Added['backoffMs'];
  readonly probe: Added['probe'];
  readonly waitedMs: Added['waitedMs'];

  constructor(call: LiveCall & { readonly [Name in keyof Added]: Added[Name] }) {
    this.operation = call.operation;
    this.request = call.request;
    this.id = call.id;
    this.traceId = call.traceId;
    this.incremental = call.incremental;
    this.cancellation = call.cancellation;
    this.startedAtMs = call.startedAtMs;
    this.settings = call.settings;
    this.state = call.state;
    this.candidates = call.candidates;
    this.passedOver = call.passedOver;
    this.cover = call.cover;
    this.extraNanoUsd = call.extraNanoUsd;
    this.early = call.early;
    this.candidate = call.candidate;
    this.maxDispatched = call.maxDispatched;
    this.attempt = call.attempt;
    this.backoffMs = call.backoffMs;
    this.probe = call.probe;
    this.waitedMs = call.waitedMs;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }
}

type CallFields = Omit<LiveCall, 'signal'>;

/** A call as it enters the chain. Its signal is made when somebody reads it. */
export function enteringCall(fields: CallFields): LiveCall {
  return new StagedCall(fields as LiveCall) as LiveCall;
}

/** The same for middleware, which likes to spread calls: its signal is a field like any other. */
export function plainCall(call: LiveCall): LiveCall {
  const { operation, request, id, traceId, incremental, signal, startedAtMs, settings, state, cancellation } = call;
  return {
    operation,
    request,
    id,
    traceId,
    incremental,
    signal,
    startedAtMs,
    settings,
    state,
    cancellation,
  } as LiveCall;
}

/** Whether it enters the chain as the client has made it, and not as middleware hands it on. */
export function isAsEntered(call: LiveCall): boolean {
  return call instanceof StagedCall;
}

type Replaced = Pick<LiveCall, 'request' | 'id' | 'startedAtMs' | 'state' | 'cancellation'>;

/** The call with what a stage adds to it, or puts in the place of what was there. */
export function handedOn<C extends LiveCall, More extends Added & Partial<Replaced>>(call: C, more: More): C & More {
  return Object.assign(new StagedCall(call), more) as LiveCall as C & More;
}

/** After `plan`: who may serve, best first. */
export type PlannedCall = LiveCall & {
  readonly candidates: readonly Candidate[];
  /** The better candidate that is down, when `candidates` are only lesser ones. */
  readonly passedOver: { readonly target: Target; readonly reason: string } | null;
};

/** After `budget`: the worst case of the first candidate is held; `cover` raises the hold where an attempt needs more. */
export type HeldCall = PlannedCall & {
  /** Null: it is covered already. */
  readonly cover: (candidate: Candidate, extraNanoUsd: NanoUsd) => Promise<void> | null;
  /** What an attempt costs at most beyond its candidate's worst case: a repair sends more than the plan has seen. */
  readonly extraNanoUsd: NanoUsd;
  /** Of the first attempt, where it was asked for together with the hold. */
  readonly early: EarlyPermit | null;
};

/** After `failover`: one candidate, and how many requests the call may have made when it is done with it. */
export type CandidateCall = HeldCall & { readonly candidate: Candidate; readonly maxDispatched: number };

/** After `retry`: one physical request. */
export type Attempt = CandidateCall & { readonly attempt: number; readonly backoffMs: number };

/** After `breaker`: the circuit lets it through, perhaps as a probe that must not wait. */
export type GuardedAttempt = Attempt & { readonly probe: boolean };

/** After `limiter`: a permit is held for it. */
export type PermittedAttempt = GuardedAttempt & { readonly waitedMs: number };
