import type { NanoUsd } from '../spec/money.js';
import type { Target } from '../spec/target.js';
import { scopeCounts, scopeNamesTarget } from './budget-scope.js';

/** The part of an attempt that decides who is charged for it. */
export interface ChargedAttempt {
  readonly target: Target | null;
  /** Null: unknown. */
  readonly actualNanoUsd: NanoUsd | null;
}

/** What a call has come to when it ends. `actualNanoUsd` null: the cost of at least one attempt is unknown. */
export interface ChargedCall {
  readonly actualNanoUsd: NanoUsd | null;
  readonly attempts: readonly ChargedAttempt[];
}

/**
 * What a call that has ended is charged in all. Null: nothing is known of its cost. Where an attempt's cost is unknown,
 * `unknownNanoUsd` is the least the call counts as: what was held for a strict call, 0 for best effort.
 */
export function chargeOfCall({ actualNanoUsd, attempts }: ChargedCall, unknownNanoUsd: NanoUsd): NanoUsd | null {
  if (actualNanoUsd !== null) return actualNanoUsd;
  const isKnown = attempts.some((attempt) => attempt.actualNanoUsd !== null);
  return isKnown || unknownNanoUsd > 0 ? Math.max(sumOf(attempts), unknownNanoUsd) : null;
}

/**
 * What one budget is charged: a budget that names a provider, model or endpoint pays only for attempts there, all others
 * for the whole call. Where the attempts do not add up to the call, the last one bears the difference.
 */
export function chargeOfScope(scope: string, call: ChargedCall, unknownNanoUsd: NanoUsd): NanoUsd {
  const { attempts } = call;
  const wholeNanoUsd = chargeOfCall(call, unknownNanoUsd) ?? 0;
  if (attempts.length === 0 || !scopeNamesTarget(scope)) return wholeNanoUsd;
  const counted = attempts.filter(({ target }) => target === null || scopeCounts(scope, target));
  if (counted.length === attempts.length) return wholeNanoUsd;
  const last = attempts[attempts.length - 1] as ChargedAttempt;
  if (call.actualNanoUsd !== null) {
    const differenceNanoUsd = wholeNanoUsd - sumOf(attempts);
    return sumOf(counted) + (counted.includes(last) ? differenceNanoUsd : 0);
  }
  const isUnknown = counted.some((attempt) => attempt.actualNanoUsd === null);
  return isUnknown ? Math.max(sumOf(counted), unknownNanoUsd) : sumOf(counted);
}

/** Whether a correction of a call counts in a budget: it is about the last attempt. */
export function isCorrectedIn(scope: string, last: Pick<ChargedAttempt, 'target'> | undefined): boolean {
  return last === undefined || last.target === null || scopeCounts(scope, last.target);
}

function sumOf(attempts: readonly ChargedAttempt[]): NanoUsd {
  let sum = 0;
  for (const { actualNanoUsd } of attempts) sum += actualNanoUsd ?? 0;
  return sum;
}
