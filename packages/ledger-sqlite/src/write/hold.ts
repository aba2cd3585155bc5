import {
  type BudgetBalance,
  type BudgetCrossing,
  type BudgetRefusal,
  crossingsOf,
  refusalOf,
  warningMark,
} from '@vibe/core';
import { type LedgerFailure, refuse } from '../database/failure.js';
import { sqlInteger } from '../database/sql-integer.js';
import type { HoldCommand, Outcome, WriterTasks } from '../protocol.js';
import { usageJsonOf } from '../row-values.js';
import type { Books } from './books.js';
import type { Charge } from './charge.js';

export type HoldWriter = (command: HoldCommand<Charge>, nowMs: number) => Outcome;

/**
 * Sets money aside for a call: all its budgets or none. `owner` names the process that will renew the lease. A refused
 * hold writes nothing.
 */
export function holdWriter(books: Books, owner: string): HoldWriter {
  const { db, events, totals, targets } = books;
  const insert = db.prepare(
    `INSERT INTO hold (call_id, amount_nano, charges, strict, owner, lease_ms, created_at_ms, expires_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const checkKey = keyChecker(books);
  const adopt = db.prepare("UPDATE hold SET owner = ?, strict = ? WHERE call_id = ? AND owner = ''");

  /** The same hold again is a no-op, also when the budget is full by now. Null when this is the first. */
  const repeated = ({ callId, strict }: HoldCommand<Charge>): Outcome => {
    const first = events.holdOf(callId);
    if (first === null) return null;
    if (adopt.run(owner, strict ? 1 : 0, callId).changes > 0) books.touched = true;
    return { kind: 'value', value: first.amount_nano };
  };

  return (command, nowMs) => {
    const { callId, amountNanoUsd, charges, idempotencyKey, strict, leaseMs } = command;
    if (idempotencyKey !== null) checkKey({ idempotencyKey, callId });
    const balances = charges.map((charge) => totals.balance(charge));
    const ask = { addNanoUsd: amountNanoUsd, callNanoUsd: amountNanoUsd };
    const refusal = command.decide ? refusalOf(balances, ask) : null;
    if (refusal !== null) return repeated(command) ?? denied(balances, refusal);

    const chargesText = totals.keysOf(charges);
    const { traceId, tagsJson } = command;
    const usageJson = usageJsonOf(command.usage);
    const targetId = targets.idOf(command.target);
    const fields = {
      amountNanoUsd,
      charges: chargesText,
      strict,
      traceId,
      targetId,
      tagsJson,
      usageJson,
      idempotencyKey,
    };
    if (!events.addHold(nowMs, callId, fields)) return repeated(command);

    const crossings = command.watch && charges.some((charge) => charge.watches) ? crossingsOf(balances, ask) : [];
    rememberWarned(books, charges, crossings);
    totals.add(chargesText, 0, amountNanoUsd);
    insert.run(callId, sqlInteger(amountNanoUsd), chargesText, strict ? 1 : 0, owner, leaseMs, nowMs, nowMs + leaseMs);
    return crossings.length === 0 ? null : crossed(balances, crossings);
  };
}

/** So that each threshold is told once per window, over all processes. */
export function rememberWarned(books: Books, charges: readonly Charge[], crossings: readonly BudgetCrossing[]): void {
  for (const crossing of crossings) {
    const charge = charges.find((candidate) => candidate.budget === crossing.budget);
    if (charge === undefined || !charge.counted) continue;
    const total = books.totals.of(charge);
    total.warned = Math.max(total.warned, warningMark(crossing));
    total.changed = true;
  }
}

export function denied(balances: readonly BudgetBalance[], refusal: BudgetRefusal): Outcome {
  const { spentNanoUsd, heldNanoUsd, askedNanoUsd, shortfallNanoUsd } = refusal;
  const at = balances.findIndex(({ budget }) => budget === refusal.budget);
  return { kind: 'denied', refusal: { at, spentNanoUsd, heldNanoUsd, askedNanoUsd, shortfallNanoUsd } };
}

function crossed(balances: readonly BudgetBalance[], crossings: readonly BudgetCrossing[]): Outcome {
  return {
    kind: 'crossed',
    crossings: crossings.map(({ budget, threshold, spentNanoUsd, heldNanoUsd, wouldRefuse }) => ({
      at: balances.findIndex((balance) => balance.budget === budget),
      threshold,
      spentNanoUsd,
      heldNanoUsd,
      wouldRefuse,
    })),
  };
}

/** Throws for a key that another call has used. */
export function keyChecker({ db }: Books): (payload: WriterTasks['checkKey']['payload']) => null {
  const keyOwner = db.prepare('SELECT call_id FROM idempotency WHERE idempotency_key = ?').pluck();
  return ({ idempotencyKey, callId }) => {
    const firstCallId = keyOwner.get(idempotencyKey) as string | undefined;
    if (firstCallId !== undefined && firstCallId !== callId) throw usedKey(idempotencyKey, firstCallId);
    return null;
  };
}

function usedKey(idempotencyKey: string, firstCallId: string): LedgerFailure {
  return refuse(
    `The idempotency key "${idempotencyKey}" was used by call ${firstCallId}; nothing was sent.`,
    { idempotencyKey, firstCallId },
    ['Look at the first call in the ledger, or use a new key to send this one.'],
  );
}
