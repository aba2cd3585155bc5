import type { BudgetState } from './budget.js';
import type { ErrorCode } from './error-code.js';
import type { Estimate } from './estimate.js';
import type { StreamEvent } from './event.js';
import type { NanoUsd } from './money.js';
import type { Report, ReportQuery } from './report.js';
import type { AnyInput, ChatInput, PaintInput, Policy, SpeakInput, TranscribeInput } from './request.js';
import type { AttemptRecord, GenerationResponse, Warning } from './response.js';
import type { CircuitStatus, RoutePlan } from './router.js';
import type { InferOutput } from './standard-schema.js';
import type { Operation, Region, Target } from './target.js';

/** What `vibe.on(type, listener)` tells. A listener that throws cannot break a call. */
export interface VibeEvents {
  /** Who could serve the call, best first, and why the others may not. `model` is what was asked for; null: the default. */
  plan: RoutePlan & {
    callId: string;
    operation: Operation;
    model: string | null;
    policy: Policy;
    /** Upper bound of the request itself. */
    inputTokens: number;
  };
  /** The call has ended before its hold. `reason` is the message of its error. */
  blocked: {
    callId: string;
    status: 'blocked' | 'failed' | 'cancelled';
    target: Target | null;
    errorCode: ErrorCode;
    reason: string;
  };
  hold: { callId: string; target: Target; amountNanoUsd: NanoUsd; budgets: readonly string[]; strict: boolean };
  extend: { callId: string; target: Target; fromNanoUsd: NanoUsd; toNanoUsd: NanoUsd };
  /** An attempt has ended. */
  attempt: { callId: string; record: AttemptRecord };
  retry: { callId: string; target: Target; attempt: number; delayMs: number; reason: ErrorCode };
  /** The call waits for a rate limit. */
  wait: { callId: string; target: Target; waitMs: number; place: number };
  failover: { callId: string; from: Target; to: Target; reason: ErrorCode };
  downgrade: { callId: string; from: Target; to: Target; reason: string };
  /** A probe of an endpoint has found something new. */
  reachability: {
    provider: string;
    profile: string;
    endpoint: string;
    region: Region;
    from: 'unknown' | 'reachable' | 'unreachable';
    to: 'reachable' | 'unreachable';
  };
  breaker: { target: Target; from: CircuitStatus; to: CircuitStatus };
  settle: {
    callId: string;
    status: 'ok' | 'failed' | 'cancelled';
    target: Target | null;
    actualNanoUsd: NanoUsd | null;
    heldNanoUsd: NanoUsd;
    errorCode: ErrorCode | null;
  };
  warning: { callId: string | null; warning: Warning };
}

/** A running call. It starts at the first pull. Iterate once; a second iteration throws. */
export interface GenerationStream extends AsyncIterable<StreamEvent> {
  /** The text only. Counts as the one iteration. */
  readonly text: AsyncIterable<string>;
  /** May be called at any time: drains when nobody iterates, otherwise waits for that iteration's end. Rejects with the real error. */
  final(): Promise<GenerationResponse>;
  /** Resolves when the ledger row is written. */
  cancel(reason?: unknown): Promise<void>;
}

/** The client. Safe to share; make one per process and ledger. */
export interface Vibe extends AsyncDisposable {
  generate<const S = undefined>(request: ChatInput<S>): Promise<GenerationResponse<InferOutput<S>>>;
  stream(request: ChatInput): GenerationStream;
  transcribe(request: TranscribeInput): Promise<GenerationResponse>;
  transcribeStream(request: TranscribeInput): GenerationStream;
  speak(request: SpeakInput): Promise<GenerationResponse>;
  speakStream(request: SpeakInput): GenerationStream;
  paint(request: PaintInput): Promise<GenerationResponse>;
  /** Plans and prices a request. Sends nothing and writes nothing. */
  estimate(request: AnyInput): Promise<Estimate>;
  /** The ledger's numbers. */
  report(query?: ReportQuery): Promise<Report>;
  budgets(): Promise<readonly BudgetState[]>;
  on<K extends keyof VibeEvents>(event: K, listener: (event: VibeEvents[K]) => void): () => void;
  /** Everything that was settled is durable when it resolves. */
  flush(): Promise<void>;
  /** Refuses new calls, cancels running ones and settles them, awaits drains within their deadline. Idempotent. */
  close(): Promise<void>;
}
