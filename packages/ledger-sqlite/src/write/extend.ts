import { refusalOf } from '@vibe/core';
import { refuse } from '../database/failure.js';
import { sqlInteger } from '../database/sql-integer.js';
import type { ExtendCommand, Outcome } from '../protocol.js';
import type { Books } from './books.js';
import type { Charge } from './charge.js';
import { denied } from './hold.js';

/**
 * Raises an open hold in the windows it was made in. The limits that decide travel with the command, as with a hold.
 * The same extension again is a no-op.
 */
export function extendWriter(books: Books): (command: ExtendCommand<Charge>, nowMs: number) => Outcome {
  const { db, events, totals } = books;
  const read = db.prepare('SELECT amount_nano, charges FROM hold WHERE call_id = ?');
  const raise = db.prepare('UPDATE hold SET amount_nano = ? WHERE call_id = ?');

  return ({ callId, toNanoUsd, charges, decide }, nowMs) => {
    const hold = read.get(callId) as { amount_nano: number; charges: string } | undefined;
    if (hold === undefined)
      throw refuse(`Call ${callId} has no open hold to extend: it was settled, or its lease expired.`);
    const addNanoUsd = toNanoUsd - hold.amount_nano;
    if (addNanoUsd <= 0) return null;
    const balances = charges.map((charge) => totals.balance(charge));
    const refusal = decide ? refusalOf(balances, { addNanoUsd, callNanoUsd: toNanoUsd }) : null;
    if (refusal !== null) return denied(balances, refusal);
    events.add(nowMs, 'extend', callId, { n: events.nextNumber(callId, 'extend'), amountNanoUsd: toNanoUsd });
    totals.add(hold.charges, 0, addNanoUsd);
    raise.run(sqlInteger(toNanoUsd), callId);
    return null;
  };
}
