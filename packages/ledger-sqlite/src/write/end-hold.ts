import type { NanoUsd, Target } from '@vibe/core';
import type { AttemptValues } from '../protocol.js';
import { unknownRow, usagePairsOfJson } from '../row-values.js';
import type { Books } from './books.js';
import type { EventKind } from './events.js';

/** An open hold that ends without a settlement. */
export interface EndingHold {
  readonly call_id: string;
  readonly amount_nano: number;
  readonly charges: string;
  readonly created_at_ms: number;
}

/** How it ends: what is booked for it, and what its row says the call cost. */
export interface HoldEnd {
  readonly kind: Extract<EventKind, 'expire' | 'resolve'>;
  readonly bookedNanoUsd: NanoUsd;
  readonly actualNanoUsd: NanoUsd | null;
  readonly note: string | null;
}

/** Removes a hold, books its end and leaves a row with status `expired`. What is not known of the call stays unknown. */
export type HoldEnder = (hold: EndingHold, end: HoldEnd, nowMs: number) => void;

export function holdEnder(books: Books): HoldEnder {
  const { db, events, totals, attempts } = books;
  const remove = db.prepare('DELETE FROM hold WHERE call_id = ?');
  const targetOf = db.prepare('SELECT provider, profile, endpoint, region, model FROM target WHERE target_id = ?');

  return (
    { call_id: callId, amount_nano, charges, created_at_ms },
    { kind, bookedNanoUsd, actualNanoUsd, note },
    nowMs,
  ) => {
    remove.run(callId);
    const n = kind === 'resolve' ? events.nextNumber(callId, kind) : 0;
    events.add(nowMs, kind, callId, { n, amountNanoUsd: bookedNanoUsd, freedNanoUsd: amount_nano, note });
    totals.add(charges, bookedNanoUsd, -amount_nano);
    const hold = events.holdOf(callId);
    const target = (targetOf.get(hold?.target_id ?? null) as Target | undefined) ?? null;
    const row: AttemptValues = {
      ...unknownRow,
      ts: created_at_ms,
      status: 'expired',
      target,
      // Where the held amount counts as spent, the estimate behind it is what was probably used.
      usage: bookedNanoUsd > 0 ? usagePairsOfJson(hold?.usage_json ?? null) : null,
      usageUnknown: true,
      usageSource: bookedNanoUsd > 0 ? 'estimated' : null,
      estimatedNanoUsd: amount_nano,
      actualNanoUsd,
    };
    const { trace_id: traceId = null, tags_json: tagsJson = null } = hold ?? {};
    attempts.add(row, { callId, traceId, tagsJson, downgradedFrom: null, chargedNanoUsd: bookedNanoUsd, last: true });
  };
}
