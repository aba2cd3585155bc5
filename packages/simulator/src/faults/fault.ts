import type { Exchange } from '../exchange.js';
import type { Reply } from '../http/reply.js';
import type { HintForm } from '../wire.js';

/** Where a fault in the middle of an answer strikes: after this many events with text or reasoning. */
interface AfterDeltas {
  readonly afterDeltas?: number;
}

/**
 * What may go wrong with one reply. Every kind is one function in this folder; several of them on one reply apply in the
 * order given.
 */
export type Fault =
  /**
   * An error instead of the answer, in the provider's own words. `reason` is a name of the provider's catalogue
   * (`per_day`, `limit_requests`, `arrearage` …), default: what the status usually means there; default status 500.
   * A retry hint is sent only when `retryAfterMs` is given.
   */
  | {
      readonly kind: 'status';
      readonly status?: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterMs?: number;
      readonly hints?: readonly HintForm[];
    }
  /** The connection is torn down: without `afterDeltas` before the status line, otherwise in the middle of the body. */
  | ({ readonly kind: 'reset' } & AfterDeltas)
  /** Nothing more is sent and the connection stays open: without `afterDeltas` not even the status line comes. */
  | ({ readonly kind: 'stall' } & AfterDeltas)
  /**
   * What follows the first `afterDeltas` (default 1) deltas is held back until `simulator.release()` or a POST of
   * `{ release: true }` to the control path: what a client has by then came while the answer was not complete.
   */
  | ({ readonly kind: 'hold' } & AfterDeltas)
  /** A clean end without a finish reason, after `afterDeltas` (default 1) deltas; of a whole answer after half of its JSON. */
  | ({ readonly kind: 'truncate' } & AfterDeltas)
  /**
   * A 200 that ends with an error, after `afterDeltas` (default 1) deltas; default status 503. `bare`: as JSON behind the
   * events instead of as an event, which is Gemini's way anyway.
   */
  | ({
      readonly kind: 'errorInStream';
      readonly status?: number;
      readonly reason?: string;
      readonly bare?: boolean;
    } & AfterDeltas)
  /** The provider says nothing about usage. */
  | { readonly kind: 'missingUsage' }
  /** The usage comes in an event of its own, after the finish reason. */
  | { readonly kind: 'usageAfterFinish' }
  /** The last delta but one already has the finish reason; the answer goes on all the same. */
  | { readonly kind: 'twoFinish' }
  /** Another model answers than the one asked for. */
  | { readonly kind: 'servedModel'; readonly model: string }
  /** `delayMs` before the status line, `perDeltaMs` more before every delta. */
  | { readonly kind: 'slow'; readonly delayMs?: number; readonly perDeltaMs?: number }
  /** 200 and no body. */
  | { readonly kind: 'empty' }
  /** The HTML page of a gateway. Default status 502. */
  | { readonly kind: 'html'; readonly status?: number }
  /** An error whose body is huge: 10 MB unless `bytes` says otherwise. Default status 500. */
  | { readonly kind: 'hugeError'; readonly status?: number; readonly bytes?: number }
  /** The first event with text, or the whole answer, has a field nobody knows of `bytes` bytes; default 2 MB. */
  | { readonly kind: 'hugeEvent'; readonly bytes?: number }
  /** Other line ends of server-sent events. */
  | { readonly kind: 'crlf' }
  | { readonly kind: 'lf' }
  | { readonly kind: 'cr' }
  /** A comment line before every event. */
  | { readonly kind: 'comments' }
  /** The JSON of an event over several `data:` lines. */
  | { readonly kind: 'multiLineData' }
  /** Every write ends inside a character of several bytes. */
  | { readonly kind: 'splitUtf8' };

export type FaultKind = Fault['kind'];

/** The fault of one kind. */
export type FaultOf<K extends FaultKind> = Extract<Fault, { readonly kind: K }>;

/** How a kind of fault rewrites a reply. */
export type FaultEffect<K extends FaultKind> = (reply: Reply, fault: FaultOf<K>, exchange: Exchange) => Reply;
