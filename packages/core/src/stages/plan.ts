import type { EventHub } from '../flow/event-hub.js';
import type { LiveCall, PlannedCall, Stage } from '../flow/live-call.js';
import type { HealthBoard } from '../routing/health-board.js';
import type { Planner } from '../routing/planner.js';

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
    const planned = planning instanceof Promise ? await planning : planning;
    call.state.plan = planned.plan;
    const { operation, request } = call;
    const { policy, inputTokens, plan } = planned;
    events.emit('plan', { callId: call.id, operation, model: request.model ?? null, policy, inputTokens, ...plan });
    return next({ ...call, candidates: planned.candidatesOrThrow() });
  };
}
