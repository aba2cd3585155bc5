import { budgetExceeded, type NanoUsd } from '@vibe/core';
import type { ExtendOrder } from '../encode.js';
import { unknownHold } from './checks.js';
import { errorOf } from './failures.js';
import { type CallParts, deniedError } from './holds.js';
import type { OpenCall } from './open-calls.js';

/** Raises the hold of a call of this process, in the windows the hold was made in. */
export async function extendHold(parts: CallParts, callId: string, toNanoUsd: NanoUsd): Promise<void> {
  const call = parts.calls.get(callId);
  if (call === undefined || call.settled) throw unknownHold(callId);
  if (toNanoUsd <= call.amountNanoUsd) return;
  if (call.strict) await extendStrictly(parts, call, toNanoUsd);
  else await extendByView(parts, call, toNanoUsd);
}

function extendStrictly(parts: CallParts, call: OpenCall, toNanoUsd: NanoUsd): Promise<void> {
  const { queue, view } = parts;
  const { charges } = call;
  const addNanoUsd = toNanoUsd - call.amountNanoUsd;
  view.add(charges, 0, addNanoUsd);
  return new Promise((resolve, reject) => {
    const undo = () => view.add(charges, 0, -addNanoUsd);
    queue.extend(orderOf(call, toNanoUsd, true), {
      failed: (error) => {
        undo();
        reject(error);
      },
      done: (outcome) => {
        if (outcome?.kind === 'denied' || outcome?.kind === 'failed') {
          undo();
          return reject(outcome.kind === 'denied' ? deniedError(charges, outcome) : errorOf(outcome.failure));
        }
        call.amountNanoUsd = Math.max(call.amountNanoUsd, toNanoUsd);
        resolve();
      },
    });
  });
}

async function extendByView(parts: CallParts, call: OpenCall, toNanoUsd: NanoUsd): Promise<void> {
  const { queue, view, notices } = parts;
  const addNanoUsd = toNanoUsd - call.amountNanoUsd;
  const refusal = view.refusal(call.charges, addNanoUsd, toNanoUsd);
  if (refusal !== null) throw budgetExceeded(refusal);
  call.amountNanoUsd = toNanoUsd;
  if (!call.recorded) return view.addUnrecorded(call.charges, addNanoUsd);
  view.add(call.charges, 0, addNanoUsd);
  const failed = (message: string) =>
    notices.warn('ledger_unavailable', `The ledger has not recorded a larger hold: ${message}`);
  queue.extend(orderOf(call, toNanoUsd, false), {
    failed: (error) => failed(error.message),
    done: (outcome) => {
      if (outcome?.kind === 'failed') failed(outcome.failure.message);
    },
  });
}

function orderOf({ callId, strict, charges }: OpenCall, toNanoUsd: NanoUsd, decide: boolean): ExtendOrder {
  return { callId, toNanoUsd, strict, decide, charges };
}
