import { chargeOfCall, chargeOfScope, type NanoUsd } from '@vibe/core';
import type { AttemptValues, Outcome, SettleCommand } from '../protocol.js';
import { type Split, splitText } from '../split.js';
import { addCorrection } from './admin.js';
import type { Books } from './books.js';
import type { Charge } from './charge.js';
import type { StoredEvent } from './events.js';

/** An expiry or an administrator has ended the hold and charged `bookedNanoUsd`. */
interface Ended {
  readonly kind: 'ended';
  readonly charges: string;
  readonly bookedNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
}

/** What a call has come to before its settlement. */
type Before = Ended | { readonly kind: 'settled' } | { readonly kind: 'never_held' };

/**
 * Ends a call exactly once, whoever asks and how often: frees the hold, charges the windows the hold was made in, writes
 * one row per attempt. A cost above the hold is real money: it is charged and told as an overrun.
 */
export function settleWriter(books: Books): (command: SettleCommand<Charge>, nowMs: number) => Outcome {
  const { db, events } = books;
  const take = db.prepare('DELETE FROM hold WHERE call_id = ? RETURNING amount_nano, charges, strict');

  return (command, nowMs) => {
    const { callId, status } = command;
    const hold = take.get(callId) as { amount_nano: number; charges: string; strict: number } | undefined;
    if (hold !== undefined) {
      const heldNanoUsd = hold.amount_nano;
      const charged = chargedOf(books, command, hold.charges, hold.strict === 1 ? heldNanoUsd : 0);
      events.add(nowMs, 'settle', callId, { ...charged.event, freedNanoUsd: heldNanoUsd, note: status });
      charged.book(0, -heldNanoUsd);
      noteOverrun(books, nowMs, callId, charged.totalNanoUsd, heldNanoUsd);
      writeRows(books, command, charged.totalNanoUsd);
      return null;
    }
    const before = whatHappened(events.ofCall(callId), () => events.chargesOf(callId));
    if (before.kind === 'settled') return null;
    if (before.kind === 'ended') settleLate(books, command, nowMs, before);
    else settleUnheld(books, command, nowMs);
    return null;
  };
}

/** The truth replaces what the end of the hold has booked. An unknown cost knows no better than the booking. */
function settleLate(books: Books, command: SettleCommand<Charge>, nowMs: number, end: Ended): void {
  const { events, attempts } = books;
  const { callId, status } = command;
  const { charges, bookedNanoUsd, heldNanoUsd } = end;
  const correctedNanoUsd = events.correctionsOf(callId);
  if (correctedNanoUsd !== 0) addCorrection(books, nowMs, callId, -correctedNanoUsd, 'replaced by the late settlement');
  const charged = chargedOf(books, command, charges, bookedNanoUsd);
  events.add(nowMs, 'late_settle', callId, {
    amountNanoUsd: charged.totalNanoUsd,
    charges: charged.event.charges,
    freedNanoUsd: bookedNanoUsd,
    note: status,
  });
  charged.book(bookedNanoUsd, 0);
  noteOverrun(books, nowMs, callId, charged.totalNanoUsd, heldNanoUsd);
  attempts.removeExpired(callId);
  writeRows(books, command, charged.totalNanoUsd);
}

/**
 * Best effort let the call go without a recorded hold: what it cost is charged all the same. An empty hold is recorded
 * with it, so that a hold that arrives late finds its place taken.
 */
function settleUnheld(books: Books, command: SettleCommand<Charge>, nowMs: number): void {
  const { events, totals, targets } = books;
  const { callId, strict, traceId, tagsJson, attempts, status, idempotencyKey } = command;
  const charges = totals.keysOf(command.charges);
  const targetId = targets.idOf(attempts[0]?.target ?? null);
  events.addHold(nowMs, callId, {
    amountNanoUsd: 0,
    charges,
    strict,
    traceId: traceId ?? '',
    targetId,
    tagsJson,
    usageJson: '{}',
    idempotencyKey,
  });
  const charged = chargedOf(books, command, charges, 0);
  events.add(nowMs, 'settle', callId, { ...charged.event, freedNanoUsd: 0, note: status });
  charged.book(0, 0);
  writeRows(books, command, charged.totalNanoUsd);
}

/** What the end of a call costs its windows. */
interface Charged {
  readonly totalNanoUsd: NanoUsd;
  readonly event: { readonly amountNanoUsd: NanoUsd | null; readonly charges: string | null };
  /** Charges every window, in place of what was booked there before. */
  book(bookedNanoUsd: NanoUsd, heldNanoUsd: NanoUsd): void;
}

/** `unknownNanoUsd` is what a call of unknown cost counts as, at least. */
function chargedOf(
  { totals }: Books,
  command: SettleCommand<Charge>,
  charges: string,
  unknownNanoUsd: NanoUsd,
): Charged {
  const amountNanoUsd = chargeOfCall(command, unknownNanoUsd);
  const totalNanoUsd = amountNanoUsd ?? 0;
  const isEvenly = command.attempts.every(({ target }) => target === null || totals.allCount(charges, target));
  const scopes = isEvenly ? null : totals.targetedScopes(charges);
  if (scopes === null) {
    return {
      totalNanoUsd,
      event: { amountNanoUsd, charges: null },
      book: (bookedNanoUsd, heldNanoUsd) => totals.add(charges, totalNanoUsd - bookedNanoUsd, heldNanoUsd),
    };
  }
  const split: Split = new Map([...scopes].map(([key, scope]) => [key, chargeOfScope(scope, command, unknownNanoUsd)]));
  const isEven = [...split.values()].every((nanoUsd) => nanoUsd === totalNanoUsd);
  return {
    totalNanoUsd,
    event: { amountNanoUsd, charges: isEven ? null : splitText(split) },
    book: (bookedNanoUsd, heldNanoUsd) => {
      for (const [key, nanoUsd] of split) totals.addTo(key, nanoUsd - bookedNanoUsd, heldNanoUsd);
    },
  };
}

function sumOfActual(rows: readonly AttemptValues[]): NanoUsd {
  let sum = 0;
  for (const row of rows) sum += row.actualNanoUsd ?? 0;
  return sum;
}

function noteOverrun(books: Books, nowMs: number, callId: string, chargedNanoUsd: NanoUsd, heldNanoUsd: NanoUsd): void {
  if (chargedNanoUsd <= heldNanoUsd) return;
  books.events.add(nowMs, 'overrun', callId, { amountNanoUsd: chargedNanoUsd - heldNanoUsd });
}

/** The rows of a call carry together exactly what was charged: where they say less or more, the last one bears the difference. */
function writeRows(books: Books, command: SettleCommand<Charge>, chargedNanoUsd: NanoUsd): void {
  const { callId, downgradedFrom, attempts } = command;
  // Who settles another process's call may not know what it was about; its hold does.
  const hold = command.traceId === null ? books.events.holdOf(callId) : null;
  const traceId = command.traceId ?? hold?.trace_id ?? null;
  const tagsJson = command.tagsJson ?? hold?.tags_json ?? null;
  const difference = chargedNanoUsd - sumOfActual(attempts);
  for (const [index, row] of attempts.entries()) {
    const last = index === attempts.length - 1;
    const rowNanoUsd = (row.actualNanoUsd ?? 0) + (last ? difference : 0);
    books.attempts.add(row, { callId, traceId, tagsJson, downgradedFrom, chargedNanoUsd: rowNanoUsd, last });
  }
}

function whatHappened(history: readonly StoredEvent[], chargesOf: () => string): Before {
  if (history.some(({ kind }) => kind === 'settle' || kind === 'late_settle')) return { kind: 'settled' };
  const end = history.findLast(({ kind }) => kind === 'expire' || kind === 'resolve');
  if (end === undefined) return { kind: 'never_held' };
  return { kind: 'ended', charges: chargesOf(), bookedNanoUsd: end.amount_nano ?? 0, heldNanoUsd: end.freed_nano ?? 0 };
}
