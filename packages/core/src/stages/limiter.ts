import type { VibeError } from '../errors/vibe-error.js';
import { abortError, throwIfAborted, untilAborted } from '../flow/abort.js';
import { Cancellation } from '../flow/cancellation.js';
import { patienceMs, retryDeadlineMs } from '../flow/deadline.js';
import { EarlyPermit } from '../flow/early-permit.js';
import { elapsedMs } from '../flow/elapsed.js';
import type { Outcome } from '../flow/endings.js';
import type { EventHub } from '../flow/event-hub.js';
import { withLazySignal } from '../flow/lazy-signal.js';
import {
  type Candidate,
  type GuardedAttempt,
  handedOn,
  type LiveCall,
  type PermittedAttempt,
  type Stage,
} from '../flow/live-call.js';
import { tokenDemand } from '../flow/token-demand.js';
import { tokensOf } from '../money/usage.js';
import type { HeadroomCache } from '../routing/headroom.js';
import type { AcquireOptions, Limiter, LimitHint, Limits, Permit } from '../spec/limiter.js';

export interface LimiterParts {
  readonly limiter: Limiter;
  readonly headroom: HeadroomCache;
  readonly events: EventHub;
  readonly now: () => number;
}

/** One permit per physical attempt: a retry is a new request to the provider. */
export function limiter(parts: LimiterParts): Stage<GuardedAttempt, PermittedAttempt> {
  return (next) => async (call) => {
    const askedAtMs = parts.now();
    let permit: Permit;
    try {
      permit = await permitOf(parts, call);
    } finally {
      // A wait that ended in a refusal was a wait all the same.
      call.state.waitMs += elapsedMs(askedAtMs, parts.now());
    }
    if (call.cancellation.aborted) {
      permit.release({ dispatched: false });
      throw abortError(call.cancellation);
    }
    call.state.endings.push((outcome) => giveBack(parts, call, permit, outcome));
    return next(handedOn(call, { waitedMs: Math.max(0, permit.waitedMs) }));
  };
}

/** Asks for the permit of a first attempt ahead of its turn. Only where its hold has to wait for the disk anyway. */
export function askEarly(parts: LimiterParts, call: LiveCall, candidate: Candidate): EarlyPermit | null {
  if (!candidate.strict || candidate.option.circuit !== 'closed') return null;
  const leaving = new Cancellation();
  leaving.follow(call.cancellation);
  const asking = ask(parts, call, candidate, maxWaitMs(call, parts.now()), leaving);
  return new EarlyPermit(candidate, asking, leaving, parts.headroom.hintsOf(candidate.target), parts.now);
}

/**
 * A limiter in another thread or process may have given a permit before it heard what the provider has told this process
 * meanwhile. Such a permit is asked for anew, once per hint: a limiter that learns nothing from hints is not asked for ever.
 */
async function permitOf(parts: LimiterParts, call: GuardedAttempt): Promise<Permit> {
  const { headroom } = parts;
  const { target } = call.candidate;
  const early = call.early?.take(call.candidate) ?? null;
  let hints = call.early !== null && early !== null ? call.early.hints : headroom.hintsOf(target);
  let permit = await (early ?? acquire(parts, call));
  while (headroom.isClosedSince(target, hints)) {
    permit.release({ dispatched: false });
    hints = headroom.hintsOf(target);
    permit = await acquire(parts, call);
  }
  return permit;
}

function acquire(parts: LimiterParts, call: GuardedAttempt): Promise<Permit> {
  // A probe never waits.
  return ask(parts, call, call.candidate, call.probe ? 0 : maxWaitMs(call, parts.now()), call.cancellation);
}

async function ask(
  parts: LimiterParts,
  call: LiveCall,
  candidate: Candidate,
  maxWaitMs: number,
  cancellation: Cancellation,
): Promise<Permit> {
  throwIfAborted(cancellation);
  const { target, limits } = candidate;
  const demand = { requests: 1, tokens: tokenDemand(call, candidate) };
  const onWait = (waitMs: number, place: number) =>
    parts.events.emit('wait', { callId: call.id, target, waitMs, place });
  const acquiring = parts.limiter.acquire(target, demand, askedWith(limits, maxWaitMs, cancellation, onWait));
  // A limiter that does not hear the abort must not keep the hold of a call that is over.
  return untilAborted(acquiring, cancellation, (late) => late.release({ dispatched: false }));
}

function askedWith(
  limits: Limits,
  maxWaitMs: number,
  cancellation: Cancellation,
  onWait: NonNullable<AcquireOptions['onWait']>,
): AcquireOptions {
  const onAbort = (act: () => void) => {
    cancellation.onAbort(act);
    return () => cancellation.offAbort(act);
  };
  return withLazySignal({ limits, maxWaitMs, onAbort, onWait }, cancellation);
}

/** What is left of the call's own patience and of its retry budget. */
function maxWaitMs(call: LiveCall, nowMs: number): number {
  if (!call.settings.waitOnRateLimit) return 0;
  return Math.max(0, Math.min(patienceMs(call), retryDeadlineMs(call) - nowMs));
}

function giveBack(parts: LimiterParts, call: GuardedAttempt, permit: Permit, outcome: Outcome): void {
  const record = call.state.attempts.at(-1);
  if (record?.usage != null) permit.correct(tokensOf(record.usage.quantities));
  permit.release({ dispatched: true });
  if (outcome.status === 'error') learn(parts, call, outcome.error);
}

function learn(parts: LimiterParts, call: GuardedAttempt, error: VibeError): void {
  if (error.code !== 'provider_rate_limited' && error.code !== 'provider_quota') return;
  const said: unknown = error.details['limitScope'];
  const scope: LimitHint['scope'] = said === 'day' || said === 'minute' ? said : 'unknown';
  const { target, limits } = call.candidate;
  const timezone = limits.rpdTimezone;
  const day = timezone === undefined ? {} : { timezone };
  const hint: LimitHint = { retryAfterMs: error.retryAfterMs ?? null, scope, ...day };
  parts.headroom.learned(target, hint);
  parts.limiter.learn(target, hint);
}
