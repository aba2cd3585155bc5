import { formatUsd, isCorrectedIn, type NanoUsd } from '@vibe/core';
import { refuse } from '../database/failure.js';
import { compactedUntil } from '../detail/compacted.js';
import type { WriterTasks } from '../protocol.js';
import { splitText } from '../split.js';
import type { Books } from './books.js';
import { type EndingHold, holdEnder } from './end-hold.js';

/** What a person does to single calls. */
export interface AdminWriter {
  resolve(payload: WriterTasks['resolve']['payload'], nowMs: number): null;
  correct(payload: WriterTasks['correct']['payload'], nowMs: number): null;
}

export function adminWriter(books: Books): AdminWriter {
  const { db, events } = books;
  const endHold = holdEnder(books);
  const read = db.prepare('SELECT * FROM hold WHERE call_id = ?');

  return {
    resolve({ callId, how }, nowMs) {
      const hold = read.get(callId) as EndingHold | undefined;
      if (hold === undefined) throw refuse(`Call ${callId} has no open hold. See the open ones with admin.holds().`);
      const bookedNanoUsd = how === 'spent' ? hold.amount_nano : 0;
      endHold(hold, { kind: 'resolve', bookedNanoUsd, actualNanoUsd: bookedNanoUsd, note: how }, nowMs);
      return null;
    },

    correct({ callId, deltaNanoUsd, reason }, nowMs) {
      const end = events.ofCall(callId).findLast(({ kind }) => endKinds.has(kind));
      if (end === undefined) {
        const untilMs = compactedUntil(db);
        const orGone =
          untilMs === null ? '' : ` Of calls from before ${new Date(untilMs).toISOString()} only sums may be left.`;
        throw refuse(`Call ${callId} is not settled: there is nothing to correct.${orGone}`);
      }
      const chargedNanoUsd = (end.amount_nano ?? 0) + events.correctionsOf(callId);
      if (chargedNanoUsd + deltaNanoUsd < 0) {
        throw refuse(
          `Call ${callId} was charged ${formatUsd(chargedNanoUsd)}: it cannot be lowered by ${formatUsd(-deltaNanoUsd)}.`,
        );
      }
      addCorrection(books, nowMs, callId, deltaNanoUsd, reason);
      return null;
    },
  };
}

const endKinds: ReadonlySet<string> = new Set(['settle', 'late_settle', 'expire', 'resolve']);

/** A correction is an event of its own; the row of the call stays as it was settled. */
export function addCorrection(
  { events, totals, attempts }: Books,
  nowMs: number,
  callId: string,
  deltaNanoUsd: NanoUsd,
  reason: string,
): void {
  const charges = events.chargesOf(callId);
  const scopes = totals.targetedScopes(charges);
  const target = scopes === null ? null : attempts.lastTarget(callId);
  const last = target === null ? undefined : { target };
  const windows = charges === '' ? [] : charges.split(',');
  const corrected = windows.filter((key) => isCorrectedIn(scopes?.get(key) ?? '', last));
  const split = corrected.length === windows.length ? null : new Map(corrected.map((key) => [key, deltaNanoUsd]));
  events.add(nowMs, 'correct', callId, {
    n: events.nextNumber(callId, 'correct'),
    amountNanoUsd: deltaNanoUsd,
    charges: split === null ? null : splitText(split),
    note: reason,
  });
  for (const key of corrected) totals.addTo(key, deltaNanoUsd, 0);
  attempts.correct(callId, deltaNanoUsd);
}
