import { failurePolicy } from '../errors/failure-policy.js';
import { VibeError } from '../errors/vibe-error.js';
import { type Attempt, type GuardedAttempt, handedOn, type Stage } from '../flow/live-call.js';
import type { Circuits } from '../policies/circuits.js';
import { describeTarget } from '../policies/target-key.js';
import type { HealthBoard } from '../routing/health-board.js';
import type { Target } from '../spec/target.js';

export interface BreakerParts {
  readonly circuits: Circuits;
  readonly health: HealthBoard;
  readonly now: () => number;
}

/** Does not call what is down. Mid-stream failures count; a cancelled call gives its probe back. */
export function breaker({ circuits, health, now }: BreakerParts): Stage<Attempt, GuardedAttempt> {
  return (next) => async (call) => {
    const { target } = call.candidate;
    const admission = circuits.enter(target, now());
    if (!admission.admitted) throw circuitOpen(target, admission.retryAfterMs);
    const { probe } = admission;
    const giveBack = probe ? await health.claimProbe(target) : null;
    if (probe && giveBack === null) {
      circuits.giveBack(target, probe);
      throw circuitOpen(target, 0);
    }
    let begunIn: number | undefined;
    call.state.endings.push((outcome) => {
      giveBack?.();
      if (outcome.status === 'final') circuits.success(target, probe, now(), begunIn);
      else if (outcome.status === 'error' && outcome.unread !== true && failurePolicy[outcome.error.code].trips)
        circuits.failure(target, probe, now(), begunIn);
      else circuits.giveBack(target, probe, begunIn);
    });
    const answer = await next(handedOn(call, { probe }));
    begunIn = circuits.began(target);
    return answer;
  };
}

function circuitOpen(target: Target, retryAfterMs: number): VibeError {
  const wait =
    retryAfterMs > 0
      ? `It is tried again in ${Math.ceil(retryAfterMs / 1000)} s.`
      : 'A probe is on its way to see whether it is back.';
  return new VibeError(
    'circuit_open',
    `${describeTarget(target)} failed too often and is not called for now; nothing was sent. ${wait}`,
    {
      target,
      retryable: true,
      ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
      next: ['Allow another model or endpoint, so that the call can fail over.'],
    },
  );
}
