import { failurePolicy } from '../errors/failure-policy.js';
import { VibeError } from '../errors/vibe-error.js';
import { mayStartAnother } from '../flow/deadline.js';
import type { EventHub } from '../flow/event-hub.js';
import { type Candidate, type CandidateCall, type HeldCall, handedOn, type Stage } from '../flow/live-call.js';
import { describeTarget } from '../policies/target-key.js';
import { isSameModel, tierRank } from '../routing/downgrade.js';
import type { Target } from '../spec/target.js';
import { warnIfUnpriced } from './cover.js';

/** The next candidate, when this one cannot. Nothing moves on once an answer has begun. */
export function failover(events: EventHub, now: () => number): Stage<HeldCall, CandidateCall> {
  return (next) => async (call) => {
    let failure: VibeError | null = null;
    let following = [...call.candidates];
    for (let candidate = following.shift(); candidate !== undefined; candidate = following.shift()) {
      const { target } = candidate;
      call.state.target = target;
      try {
        const dispatchable = maxDispatched(call, candidate, placesOf(following));
        return await next(handedOn(call, { candidate, maxDispatched: dispatchable }));
      } catch (thrown) {
        const error = VibeError.from(thrown);
        error.target ??= target;
        // A candidate whose extra money was refused is skipped: what went wrong before is the error that counts.
        const skipped = error.code === 'budget_exceeded' && failure !== null;
        if (!skipped) failure = error;
        if (error.code === 'auth') following = following.filter((other) => !hasSameKey(other.target, target));
        const to = following[0];
        if (to === undefined || !mayStartAnother(call, now(), 0)) throw failure ?? error;
        if (!skipped && !mayMoveOn(error)) throw error;
        tell(events, call, error, candidate, to);
      }
    }
    throw failure ?? new VibeError('internal', 'A call without candidates reached failover.');
  };
}

/** A key that was refused does not get better with another model. */
function hasSameKey(left: Target, right: Target): boolean {
  return left.provider === right.provider && left.profile === right.profile && left.endpoint === right.endpoint;
}

/** The attempts that are left belong to all candidates that are left: one that is down must not use up those of the others. */
function maxDispatched({ settings, state }: HeldCall, { attempts = 1 }: Candidate, followers: number): number {
  const left = settings.attempts - state.dispatched;
  const share = Math.ceil(left / (followers + 1));
  const worth = followers === 0 ? attempts : Math.min(attempts, left - 1);
  return state.dispatched + Math.max(1, share, worth);
}

/** All steps of a downgrade count as one: who was asked for by name is not given up for them after one attempt. */
function placesOf(following: readonly Candidate[]): number {
  const asked = following.filter(({ standsIn }) => standsIn !== true).length;
  return asked < following.length ? asked + 1 : asked;
}

/** What may be billed and must not be repeated (a task that was accepted) is not asked of anybody else either. */
function mayMoveOn({ code, mayBeBilled, retryable }: VibeError): boolean {
  return failurePolicy[code].failover && !(mayBeBilled && !retryable);
}

function tell(events: EventHub, call: HeldCall, error: VibeError, failed: Candidate, next: Candidate): void {
  const [from, to] = [failed.target, next.target];
  events.emit('failover', { callId: call.id, from, to, reason: error.code });
  const isStep = next.standsIn === true && !isSameModel(from, to);
  if (isStep || tierRank[next.option.manifest.tier] < tierRank[failed.option.manifest.tier]) {
    call.state.downgradedFrom ??= from;
    events.emit('downgrade', { callId: call.id, from, to, reason: error.message });
  }
  warnIfUnpriced({ events }, call, next);
  if (error.code === 'auth') {
    const warning = {
      code: 'auth',
      message: `${describeTarget(from)} refused its key; ${describeTarget(to)} was tried instead. ${error.message}`,
    };
    call.state.warnings.push(warning);
    events.emit('warning', { callId: call.id, warning });
  }
}
