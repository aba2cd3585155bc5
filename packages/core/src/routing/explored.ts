import { outputTokensOf } from '../policies/target-sample.js';
import type { RankedRoute, RouteOption, RouterView } from '../spec/router.js';
import type { Scored, ScoringPolicy } from './score.js';

/** What exploring may cost, unless the configuration says otherwise. Who wants it cheap looks only where it may be cheaper. */
const defaultMaxCostFactor = { cheap: 1.3, fast: 3, quality: 3, smart: 3 } as const;
/** An estimate may be wrong by as much: a target is known after so many answers. */
const unknownMaxCostFactor = 3;
const knownAnswers = 3;
/** Who is in a hurry does not look where it is known to be slow; what is not seen any more is forgotten soon enough. */
const maxTimeFactor = {
  cheap: Number.POSITIVE_INFINITY,
  fast: 1.5,
  quality: Number.POSITIVE_INFINITY,
  smart: 1.5,
} as const;

/**
 * Puts the candidate in front of which least is known lately, so that what has become better is noticed. What it lacks in
 * score is told as the part `exploration`.
 */
export function explored(
  ranked: readonly Scored[],
  policy: ScoringPolicy,
  view: RouterView,
  draw: number,
): readonly RankedRoute[] {
  const routes = ranked.map(({ route }) => route);
  const [best, ...others] = ranked;
  if (best === undefined) return routes;
  const maxMs = best.expected.p95Ms * maxTimeFactor[policy];
  const affordable = others.filter(({ option, expected: { nanoUsd, p95Ms } }) => {
    const costFactor = view.router.exploration?.maxCostFactor ?? defaultFactor(policy, option);
    return nanoUsd !== null && nanoUsd <= (best.expected.nanoUsd ?? 0) * costFactor && p95Ms <= maxMs;
  });
  if (affordable.length === 0) return routes;
  const unknown = affordable.filter(({ option }) => isUnknown(option));
  const worthwhile = unknown.length > 0 ? unknown : affordable;
  const least = Math.min(...worthwhile.map(knownCalls));
  const leastKnown = worthwhile.filter((scored) => knownCalls(scored) <= least + 0.5);
  const { route } = leastKnown[Math.floor(draw * leastKnown.length)] as Scored;
  const scoreParts = { ...route.scoreParts, exploration: best.route.score - route.score };
  return [{ ...route, score: best.route.score, scoreParts }, ...routes.filter((other) => other !== route)];
}

function defaultFactor(policy: ScoringPolicy, option: RouteOption): number {
  return isUnknown(option) ? unknownMaxCostFactor : defaultMaxCostFactor[policy];
}

/** Nobody knows how long its answers are. Pictures and speech have a price that does not depend on that. */
function isUnknown({ own, cost }: RouteOption): boolean {
  return outputTokensOf(cost.estimatedUsage.quantities) !== null && (own?.comparedAnswers ?? 0) < knownAnswers;
}

function knownCalls({ option: { stats, own } }: Scored): number {
  return Math.max(stats?.recent?.calls ?? 0, own?.calls ?? 0);
}
