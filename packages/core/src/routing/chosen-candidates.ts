import type { Candidate } from '../flow/live-call.js';
import { targetKey } from '../policies/target-key.js';
import type { RoutePlan } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import { noRoute } from './no-route.js';

/** The candidates of a plan, best first. A router may only choose among what it was shown, and nothing twice. */
export function chosenCandidates(
  plan: RoutePlan,
  eligible: readonly Candidate[],
  reference: string,
): readonly Candidate[] {
  const byTarget = new Map<Target, Candidate>();
  for (const candidate of eligible) byTarget.set(candidate.target, candidate);
  const candidates: Candidate[] = [];
  for (const { target, attempts } of plan.candidates) {
    // A router of somebody else may name a target with an object of its own.
    const candidate = byTarget.get(target) ?? byKey(byTarget.values(), target);
    if (candidate === undefined || !byTarget.delete(candidate.target)) continue;
    candidates.push(attempts === undefined ? candidate : { ...candidate, attempts });
  }
  if (candidates.length === 0) throw noRoute(plan.rejected, reference);
  return candidates;
}

function byKey(candidates: Iterable<Candidate>, target: Target): Candidate | undefined {
  const key = targetKey(target);
  for (const candidate of candidates) if (targetKey(candidate.target) === key) return candidate;
  return undefined;
}
