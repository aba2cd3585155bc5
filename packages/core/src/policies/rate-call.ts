import type { Admission } from './sliding-log.js';
import type { RateAsk } from './window-rules.js';

/** A call that asks to go, and waits in line when it may not go at once. */
export interface RateCall extends RateAsk {
  /** Names its admission; 0 where names are of no use. */
  readonly id: number;
  /** When it gives up, epoch milliseconds. */
  readonly deadlineMs: number;
  /** False: another process lets it go; here it only keeps its place. */
  readonly mine: boolean;
}

/** Why a call may not even wait. */
export type RateRefusal = 'never' | 'late' | 'slots' | 'full';

export type RateAnswer =
  | { readonly kind: 'admitted'; readonly admission: Admission }
  /** `known` false: it waits for a request in flight to end as well, at most until its deadline. */
  | { readonly kind: 'waiting'; readonly waitMs: number; readonly known: boolean; readonly place: number }
  /** `waitMs`: how long it would have to wait; null when nobody knows or no wait helps. */
  | { readonly kind: 'refused'; readonly why: RateRefusal; readonly waitMs: number | null };

/** What time has brought. */
export interface RateProgress<C> {
  /** In the order of the line. */
  readonly admitted: readonly { readonly call: C; readonly admission: Admission }[];
  /** Their deadline has passed. */
  readonly refused: readonly C[];
  /** When to look again: nothing happens before, unless something else changes. Infinity: not by time alone. */
  readonly nextMs: number;
}
