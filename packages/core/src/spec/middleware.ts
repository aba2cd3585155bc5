import type { StreamEvent } from './event.js';
import type { OperationRequest } from './request.js';

/** One call, from the first pull to its settlement. */
export type Call = OperationRequest & {
  /** Time-ordered and unique; the id of the ledger rows. */
  readonly id: string;
  readonly traceId: string;
  /** False: nobody looks at deltas. */
  readonly incremental: boolean;
  /** Aborted when the call is over, for whatever reason. */
  readonly signal: AbortSignal;
  readonly startedAtMs: number;
};

/** Runs a call. The events arrive while it runs; leaving the iteration early cancels it. */
export type Handler<C = Call, E = StreamEvent> = (call: C) => AsyncIterable<E>;

/** Wraps a handler. User middleware wraps the whole chain from outside. */
export type Middleware<In = Call, Out = In, E = StreamEvent> = (next: Handler<Out, E>) => Handler<In, E>;
