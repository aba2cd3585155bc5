import { budgetExceeded, type ExtendRequest, type NanoUsd, type VibeError } from '@vibe/core';
import type { ExtendOrder } from '../encode.js';
import { maxViewWaitMs, noAnswer } from './best-effort-holds.js';
import type { MainCharge } from './charge-table.js';
import { unknownHold } from './checks.js';
import { errorOf, unrecordedError } from './failures.js';
import { type CallParts, deniedError } from './holds.js';
import type { OpenCall } from './open-calls.js';
import { within } from './within.js';

/** Raises the hold of a call of this process in the windows it was made in; budgets of `also` join it. */
export async function extendHold(
  parts: CallParts,
  callId: string,
  toNanoUsd: NanoUsd,
  also?: ExtendRequest,
): Promise<void> {
  const call = parts.calls.get(callId);
  if (call === undefined || call.settled) throw unknownHold(callId);
  const extension = extensionOf(parts, call, toNanoUsd, also);
  const { addNanoUsd, joining, strict } = extension;
  if (addNanoUsd === 0 && joining.length === 0 && strict === call.strict) return;
  if (strict) await extendStrictly(parts, call, extension);
  else await extendByView(parts, call, extension);
}

interface Extension {
  readonly callNanoUsd: NanoUsd;
  readonly addNanoUsd: NanoUsd;
  readonly joining: readonly MainCharge[];
  readonly charges: readonly MainCharge[];
  readonly strict: boolean;
}

function extensionOf(
  { charges: table, file, now }: CallParts,
  call: OpenCall,
  toNanoUsd: NanoUsd,
  also: ExtendRequest | undefined,
): Extension {
  const callNanoUsd = Math.max(toNanoUsd, call.amountNanoUsd);
  // Also after midnight: a budget the call is held against does not join it a second time.
  const isHeld = ({ budget }: MainCharge) =>
    call.charges.some((held) => held.budget.scope === budget.scope && held.budget.window === budget.window);
  const joining = table.chargesOf(also?.budgets ?? [], file.likelyTimezone, now()).filter((charge) => !isHeld(charge));
  return {
    callNanoUsd,
    addNanoUsd: callNanoUsd - call.amountNanoUsd,
    joining,
    charges: [...call.charges, ...joining],
    strict: call.strict || also?.strict === true,
  };
}

function extendStrictly(parts: CallParts, call: OpenCall, extension: Extension): Promise<void> {
  const { callNanoUsd, charges, joining, strict } = extension;
  const { callId } = call;
  count(parts, call, extension, 1);
  return new Promise((resolve, reject) => {
    const refused = (error: VibeError) => {
      count(parts, call, extension, -1);
      reject(error);
    };
    parts.queue.extend(orderOf(call, extension, true), {
      failed: refused,
      done: (outcome) => {
        if (outcome?.kind === 'denied') return refused(deniedError(charges, outcome));
        if (outcome?.kind === 'failed')
          return refused(call.recorded ? errorOf(outcome.failure) : unrecordedError(parts.path, callId));
        call.amountNanoUsd = Math.max(call.amountNanoUsd, callNanoUsd);
        call.charges = charges;
        call.joined ||= joining.length > 0;
        call.strict = strict;
        resolve();
      },
    });
  });
}

async function extendByView(parts: CallParts, call: OpenCall, extension: Extension): Promise<void> {
  const { queue, view, notices } = parts;
  const { callNanoUsd, addNanoUsd, joining, charges } = extension;
  // The hold may be minutes old, and others have spent since.
  const refreshing = view.refresh(charges);
  const down = refreshing === null ? null : await within(refreshing, maxViewWaitMs, noAnswer());
  if (call.settled) throw unknownHold(call.callId);
  const refusal = view.refusalOfMore(call.charges, joining, call.amountNanoUsd, callNanoUsd);
  if (refusal !== null) throw budgetExceeded(refusal);
  if (call.recorded) {
    count(parts, call, extension, 1);
  } else {
    view.addUnrecorded(call.charges, addNanoUsd);
    view.addUnrecorded(joining, callNanoUsd);
  }
  const order = orderOf(call, extension, false);
  call.amountNanoUsd = callNanoUsd;
  call.charges = charges;
  call.joined ||= joining.length > 0;
  if (!call.recorded) return;
  const failed = (message: string) =>
    notices.warn('ledger_unavailable', `The ledger has not recorded a larger hold: ${message}`);
  if (down !== null) failed(down.message);
  queue.extend(order, {
    failed: (error) => failed(error.message),
    done: (outcome) => {
      if (outcome?.kind === 'failed') failed(outcome.failure.message);
    },
  });
}

/** Counts an extension in the view (sign 1), or takes it back (sign −1). */
function count({ view }: CallParts, call: OpenCall, extension: Extension, sign: 1 | -1): void {
  view.addHeld(call.charges, sign * extension.addNanoUsd);
  view.addHeld(extension.joining, sign * extension.callNanoUsd);
}

function orderOf({ callId }: OpenCall, { callNanoUsd, charges, strict }: Extension, decide: boolean): ExtendOrder {
  return { callId, toNanoUsd: callNanoUsd, strict, decide, charges };
}
