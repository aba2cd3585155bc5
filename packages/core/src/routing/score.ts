import type { Policy } from '../spec/request.js';
import type { RankedRoute, RouteOption, RouterView } from '../spec/router.js';

/** What a score is made of. Every part is between 0 (worst) and 1 (best). */
export type ScorePart = 'cost' | 'latency' | 'reliability' | 'quality';

/** How much each part counts. `fixed` does not score. Users override single weights in `router.weights`. */
export const defaultWeights: Readonly<Record<Exclude<Policy, 'fixed'>, Readonly<Record<ScorePart, number>>>> = {
  cheap: { cost: 0.8, latency: 0.02, reliability: 0.18, quality: 0 },
  fast: { cost: 0.05, latency: 0.7, reliability: 0.25, quality: 0 },
  quality: { cost: 0.05, latency: 0.1, reliability: 0.25, quality: 0.6 },
  smart: { cost: 0.35, latency: 0.2, reliability: 0.25, quality: 0.2 },
};

const tierScore = { economy: 0.3, standard: 0.6, premium: 1 } as const;
/** What an endpoint without history is taken for, and how many observations it takes to move half-way from there. */
const assumedLatencyMs = 2_000;
const assumedFailRate = 0.02;
const priorObservations = 10;

/** Ranks by weighted score, best first; equal scores keep the order of the view. */
export function rankByScore(policy: Exclude<Policy, 'fixed'>, view: RouterView): readonly RankedRoute[] {
  const weights = { ...defaultWeights[policy], ...view.router.weights?.[policy] };
  const costs = view.options.map(expectedNanoUsd);
  const known = costs.filter((cost) => cost !== null);
  const cheapest = known.length === 0 ? null : Math.min(...known);
  const ranked = view.options.map((option, index) => {
    const scoreParts = partsOf(option, costs[index] ?? null, cheapest);
    const score = Object.entries(scoreParts).reduce(
      (sum, [part, value]) => sum + value * (weights[part as ScorePart] ?? 0),
      0,
    );
    return { target: option.target, score, scoreParts };
  });
  return ranked.sort((first, second) => second.score - first.score);
}

function partsOf(option: RouteOption, nanoUsd: number | null, cheapest: number | null): Record<ScorePart, number> {
  const { stats, manifest } = option;
  const calls = stats?.calls ?? 0;
  const latencyMs = smoothed(stats?.p50Ms ?? null, calls, assumedLatencyMs);
  const failRate = smoothed(stats?.failRate ?? null, calls, assumedFailRate);
  return {
    // Twice as dear is half as good. What has no price is not taken for cheap.
    cost: nanoUsd === null || cheapest === null ? 0 : (cheapest + 1) / (nanoUsd + 1),
    latency: assumedLatencyMs / (assumedLatencyMs + latencyMs),
    reliability: (1 - failRate) ** 4,
    quality: tierScore[manifest.tier],
  };
}

/** The mean of real calls where there are enough, what the plan expects otherwise. */
function expectedNanoUsd({ cost, stats }: RouteOption): number | null {
  if (cost.estimatedNanoUsd === null) return null;
  return smoothed(stats?.costNanoUsd ?? null, stats?.calls ?? 0, cost.estimatedNanoUsd);
}

/** Moves from what is assumed towards what was observed as observations come in: one bad call decides nothing. */
function smoothed(observed: number | null, observations: number, assumed: number): number {
  if (observed === null) return assumed;
  return (observed * observations + assumed * priorObservations) / (observations + priorObservations);
}
