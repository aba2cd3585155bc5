import { type NanoUsd, type Settlement, VibeError } from '@vibe/core';

/** Programs that call the ledger are wrong, not its users: a bad amount must not reach the file. */
export function assertAmount(amountNanoUsd: NanoUsd, what: string): void {
  if (Number.isSafeInteger(amountNanoUsd) && amountNanoUsd >= 0) return;
  throw new VibeError('internal', `Money is counted in whole nano-USD from 0, got ${amountNanoUsd} as ${what}.`);
}

export function assertSettlement({ actualNanoUsd, attempts }: Settlement): void {
  if (actualNanoUsd !== null) assertAmount(actualNanoUsd, 'the cost of a call');
  const numbers = new Set<number>();
  for (const { attempt, actualNanoUsd: cost } of attempts) {
    if (cost !== null) assertAmount(cost, 'the cost of an attempt');
    if (!Number.isSafeInteger(attempt) || attempt < 1 || numbers.has(attempt)) {
      throw new VibeError('internal', `Attempts of a call are counted 1, 2, 3 …, got ${attempt} (again or out of range).`);
    }
    numbers.add(attempt);
  }
}

export function unknownHold(callId: string): VibeError {
  return new VibeError('invalid_request', `No open hold of call ${callId} in this process.`, { details: { callId } });
}
