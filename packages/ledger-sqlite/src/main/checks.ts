import { type NanoUsd, type Settlement, VibeError } from '@vibe/core';

/** Programs that call the ledger are wrong, not its users: a bad amount must not reach the file. Null when it is fine. */
export function amountProblem(amountNanoUsd: NanoUsd, what: string): VibeError | null {
  if (Number.isSafeInteger(amountNanoUsd) && amountNanoUsd >= 0) return null;
  return new VibeError('internal', `Money is counted in whole nano-USD from 0, got ${amountNanoUsd} as ${what}.`);
}

export function settlementProblem({ actualNanoUsd, attempts }: Settlement): VibeError | null {
  const wrongTotal = actualNanoUsd === null ? null : amountProblem(actualNanoUsd, 'the cost of a call');
  if (wrongTotal !== null) return wrongTotal;
  let lastAttempt = 0;
  for (const { attempt, actualNanoUsd: cost } of attempts) {
    const wrong = cost === null ? null : amountProblem(cost, 'the cost of an attempt');
    if (wrong !== null) return wrong;
    if (!Number.isSafeInteger(attempt) || attempt <= lastAttempt) {
      return new VibeError(
        'internal',
        `Attempts of a call are counted 1, 2, 3 …, got ${attempt} after ${lastAttempt}.`,
      );
    }
    lastAttempt = attempt;
  }
  return null;
}

export function unknownHold(callId: string): VibeError {
  return new VibeError('invalid_request', `No open hold of call ${callId} in this process.`, { details: { callId } });
}
