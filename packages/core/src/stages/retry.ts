import { failurePolicy } from '../errors/failure-policy.js';
import { VibeError } from '../errors/vibe-error.js';
import { mayStartAnother, patienceMs } from '../flow/deadline.js';
import { elapsedMs } from '../flow/elapsed.js';
import { outcomeOf } from '../flow/endings.js';
import type { EventHub } from '../flow/event-hub.js';
import { type Attempt, type CandidateCall, handedOn, type Stage } from '../flow/live-call.js';
import { sleep } from '../flow/sleep.js';
import { backoffMs, hintedMs } from '../policies/backoff.js';

export interface RetryParts {
  readonly events: EventHub;
  readonly now: () => number;
  readonly random: () => number;
}

/** The same candidate again, until an answer has begun. */
export function retry(parts: RetryParts): Stage<CandidateCall, Attempt> {
  return (next) => async (call) => {
    let failure: VibeError | null = null;
    let waitedMs = 0;
    const { endings } = call.state;
    const { height } = endings;
    for (let failures = 0; ; ) {
      const covering = call.cover(call.candidate, call.extraNanoUsd);
      if (covering !== null) await coveredOrRethrow(covering, failure);
      try {
        return await next(handedOn(call, { attempt: call.state.dispatched + 1, backoffMs: waitedMs }));
      } catch (thrown) {
        const error = VibeError.from(thrown);
        await endings.unwind(height, outcomeOf(error));
        // What opened the circuit is what the caller should hear, not that it is open now.
        if (failure !== null && error.code === 'circuit_open') throw failure;
        failure = error;
        failures++;
        const delayMs = delayOf(failure, failures, parts.random());
        if (!mayRetry(call, failure, parts.now(), delayMs)) throw asRefusedWait(call, failure);
        parts.events.emit('retry', {
          callId: call.id,
          target: call.candidate.target,
          attempt: call.state.dispatched + 1,
          delayMs,
          reason: failure.code,
        });
        const fromMs = parts.now();
        await sleep(delayMs, call.cancellation);
        waitedMs = elapsedMs(fromMs, parts.now());
        call.state.retryMs += waitedMs;
        if (failure.code === 'provider_rate_limited') call.state.limitedMs += delayMs;
      }
    }
  };
}

/** The money for one more attempt. When it is refused, what went wrong before is what the caller should hear. */
async function coveredOrRethrow(covering: Promise<void>, failure: VibeError | null): Promise<void> {
  try {
    await covering;
  } catch (refused) {
    throw failure ?? refused;
  }
}

function mayRetry(call: CandidateCall, error: VibeError, nowMs: number, delayMs: number): boolean {
  if (!failurePolicy[error.code].retry || !error.retryable) return false;
  if (call.state.dispatched >= call.maxDispatched) return false;
  const limited = error.code === 'provider_rate_limited';
  if (limited && !(call.settings.on429 && call.settings.waitOnRateLimit)) return false;
  if (limited && delayMs > patienceMs(call)) return false;
  return mayStartAnother(call, nowMs, delayMs);
}

/** A hint of the provider wins over our own backoff. "At once" is none: a clock that is ahead of the provider's says so too. */
function delayOf({ retryAfterMs = 0 }: VibeError, failures: number, random: number): number {
  return retryAfterMs > 0 ? hintedMs(retryAfterMs, random) : backoffMs(failures, random);
}

/** A caller who does not wait for rate limits hears `rate_limited`, whoever set the limit. */
function asRefusedWait(call: CandidateCall, error: VibeError): VibeError {
  if (error.code !== 'provider_rate_limited' || call.settings.waitOnRateLimit) return error;
  return new VibeError(
    'rate_limited',
    `The provider's rate limit is reached and waitOnRateLimit is false. ${error.message}`,
    {
      retryAfterMs: error.retryAfterMs,
      status: error.status,
      target: call.candidate.target,
      requestId: error.requestId,
      retryable: true,
      cause: error,
    },
  );
}
