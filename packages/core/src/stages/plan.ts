import { VibeError } from '../errors/vibe-error.js';
import type { EventHub } from '../flow/event-hub.js';
import { isPromise } from '../flow/is-promise.js';
import { handedOn, type LiveCall, type PlannedCall, type Stage } from '../flow/live-call.js';
import { isUnhealthy } from '../routing/eligible.js';
import type { HealthBoard } from '../routing/health-board.js';
import { noStepAllowed } from '../routing/no-route.js';
import type { Planned, Planner } from '../routing/planner.js';
import type { RoutePlan } from '../spec/router.js';

export interface PlanParts {
  readonly planner: Planner;
  readonly health: HealthBoard;
  readonly events: EventHub;
}

/** Who could serve this, best first; every refusal has a reason. */
export function plan({ planner, health, events }: PlanParts): Stage<LiveCall, PlannedCall> {
  return (next) => async (call) => {
    const learning = planner.ready();
    const refreshing = health.refresh();
    if (refreshing !== null) await refreshing;
    if (learning !== null) await learning;
    const planning = planner.plan(call, true);
    const planned = isPromise(planning) ? await planning : planning;
    call.state.plan = planned.plan;
    for (const warning of planned.warnings) {
      call.state.warnings.push(warning);
      events.emit('warning', { callId: call.id, warning });
    }
    const { operation, request } = call;
    const { policy, inputTokens, plan } = planned;
    events.emit('plan', { callId: call.id, operation, model: request.model ?? null, policy, inputTokens, ...plan });
    return next(handedOn(call, await chosen(planner, call, planned)));
  };
}

async function chosen(planner: Planner, call: LiveCall, planned: Planned) {
  try {
    return { candidates: planned.candidatesOrThrow(), passedOver: planned.passedOver };
  } catch (thrown) {
    return steppedDown(planner, call, planned.plan, VibeError.from(thrown));
  }
}

/** The model that was asked for by name is down: a step that the configuration allows takes its place, or the refusal says why none does. */
async function steppedDown(planner: Planner, call: LiveCall, { rejected }: RoutePlan, refusal: VibeError) {
  const down = rejected.find(isUnhealthy);
  if (down === undefined) throw refusal;
  const steps = await planner.steps(call);
  if (steps.candidates.length > 0)
    return { candidates: steps.candidates, passedOver: { target: down.target, reason: down.reason } };
  const { code, message, target, retryable, details, next } = refusal;
  throw new VibeError(code, message, {
    target,
    retryable,
    details: { ...details, ...(steps.rejected.length > 0 && { downgrades: steps.rejected }) },
    next: [...next, ...noStepAllowed(steps.rejected)],
  });
}
