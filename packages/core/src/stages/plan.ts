import type { LiveCall, PlannedCall, Stage } from '../flow/live-call.js';
import type { Planner } from '../routing/planner.js';

/** Who could serve this, best first; every refusal has a reason. */
export function plan(planner: Planner): Stage<LiveCall, PlannedCall> {
  return (next) =>
    async function* (call) {
      const planned = await planner.plan(call);
      call.state.plan = planned.plan;
      yield* next({ ...call, candidates: planned.candidatesOrThrow() });
    };
}
