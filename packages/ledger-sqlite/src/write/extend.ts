import { refusalOfExtension } from '@vibe/core';
import { refuse } from '../database/failure.js';
import { sqlInteger } from '../database/sql-integer.js';
import type { ExtendCommand, Outcome } from '../protocol.js';
import type { Books } from './books.js';
import type { Charge } from './charge.js';
import { denied } from './hold.js';

/**
 * Raises an open hold in the windows it was made in. Charges it is not held against yet join it with the whole amount.
 * The limits that decide travel with the command, as with a hold. The same extension again is a no-op.
 */
export function extendWriter(books: Books): (command: ExtendCommand<Charge>, nowMs: number) => Outcome {
  const { db, events, totals } = books;
  const read = db.prepare('SELECT amount_nano, charges, strict FROM hold WHERE call_id = ?');
  const raise = db.prepare('UPDATE hold SET amount_nano = ?, charges = ?, strict = ? WHERE call_id = ?');

  return ({ callId, toNanoUsd, charges, decide, strict }, nowMs) => {
    const hold = read.get(callId) as OpenHoldRow | undefined;
    if (hold === undefined)
      throw refuse(`Call ${callId} has no open hold to extend: it was settled, or its lease expired.`);
    const callNanoUsd = Math.max(toNanoUsd, hold.amount_nano);
    const addNanoUsd = callNanoUsd - hold.amount_nano;
    const heldKeys = new Set(hold.charges.split(','));
    const isHeld = (charge: Charge) => {
      // The file does not know which `call` budgets a hold has met: who asks for no more money may meet a new one.
      if (!charge.counted) return addNanoUsd > 0;
      const key = totals.knownKeyOf(charge);
      return key !== null && heldKeys.has(key);
    };
    const joining = charges.filter((charge) => charge.counted && !isHeld(charge));
    const becomesStrict = strict && hold.strict === 0;

    const balances = charges.map((charge) => totals.balance(charge));
    if (decide) {
      const own = balances.filter((_, index) => isHeld(charges[index] as Charge));
      const others = balances.filter((_, index) => !isHeld(charges[index] as Charge));
      const refusal = refusalOfExtension(own, others, hold.amount_nano, callNanoUsd);
      if (refusal !== null) return denied(balances, refusal);
    }
    if (addNanoUsd === 0 && joining.length === 0 && !becomesStrict) return null;

    const joiningKeys = totals.keysOf(joining);
    const allKeys = [hold.charges, joiningKeys].filter((keys) => keys !== '').join(',');
    const n = events.nextNumber(callId, 'extend');
    events.add(nowMs, 'extend', callId, { n, amountNanoUsd: callNanoUsd, charges: allKeys, strict });
    totals.add(hold.charges, 0, addNanoUsd);
    totals.add(joiningKeys, 0, callNanoUsd);
    raise.run(sqlInteger(callNanoUsd), allKeys, strict ? 1 : hold.strict, callId);
    return null;
  };
}

interface OpenHoldRow {
  readonly amount_nano: number;
  readonly charges: string;
  readonly strict: number;
}
