import type { Policy } from '../spec/request.js';
import type { RankedRoute, RouteOption, RouterView } from '../spec/router.js';
import { type Expectation, expectationsOf } from './expectation.js';

/** What a score is made of. Every part is between 0 (worst) and 1 (best). */
export type ScorePart = 'cost' | 'latency' | 'tail' | 'firstToken' | 'reliability' | 'quality' | 'headroom';

/** `fixed` does not score. */
export type ScoringPolicy = Exclude<Policy, 'fixed'>;

type Weights = Readonly<Record<ScorePart, number>>;

/** How much each part counts. Users override single weights in `router.weights`. */
export const defaultWeights: Readonly<Record<ScoringPolicy, Weights>> = {
  cheap: { cost: 0.69, latency: 0.005, tail: 0.005, firstToken: 0, reliability: 0.29, quality: 0, headroom: 0.01 },
  fast: { cost: 0.03, latency: 0.35, tail: 0.2, firstToken: 0.15, reliability: 0.25, quality: 0, headroom: 0.02 },
  quality: { cost: 0.03, latency: 0.05, tail: 0.05, firstToken: 0.02, reliability: 0.23, quality: 0.6, headroom: 0.02 },
  smart: { cost: 0.04, latency: 0.15, tail: 0.34, firstToken: 0.03, reliability: 0.36, quality: 0.05, headroom: 0.03 },
};

const tierScore = { economy: 0.3, standard: 0.6, premium: 1 } as const;
/** Differences of a few milliseconds are noise. */
const graceMs = 50;

/** An option with what is expected of it and the score it gets for that. */
export interface Scored {
  readonly option: RouteOption;
  readonly expected: Expectation;
  readonly route: RankedRoute;
}

/** Ranks by weighted score, best first; equal scores keep the order of the view. */
export function rankByScore(policy: ScoringPolicy, view: RouterView): readonly Scored[] {
  const overrides = view.router.weights?.[policy];
  const weights: Weights =
    overrides === undefined ? defaultWeights[policy] : { ...defaultWeights[policy], ...overrides };
  const expected = expectationsOf(view.options, view.outputShare ?? null);
  const expectations =
    policy === 'cheap' ? expected.map((each, index) => withReserve(each, view.options[index])) : expected;
  const best = bestOf(expectations);
  const ranked = view.options.map((option, index): Scored => {
    const expected = expectations[index] as Expectation;
    const scoreParts = partsOf(option, expected, best, policy);
    return { option, expected, route: { target: option.target, score: weighted(scoreParts, weights), scoreParts } };
  });
  return ranked.sort((first, second) => second.route.score - first.route.score);
}

/** A permit that is scarce costs what it would have saved others. */
function withReserve(expected: Expectation, option: RouteOption | undefined): Expectation {
  const reserve = option?.own?.reserveNanoUsd ?? 0;
  if (reserve === 0 || expected.nanoUsd === null) return expected;
  return { ...expected, nanoUsd: expected.nanoUsd + reserve };
}

type Parts = Record<ScorePart, number>;

function weighted(parts: Parts, weights: Weights): number {
  return (
    parts.cost * weights.cost +
    parts.latency * weights.latency +
    parts.tail * weights.tail +
    parts.firstToken * weights.firstToken +
    parts.reliability * weights.reliability +
    parts.quality * weights.quality +
    parts.headroom * weights.headroom
  );
}

/** The best that any option of the view offers; everything else is measured against it. */
interface Best {
  /** Null: no price is known at all. */
  nanoUsd: number | null;
  p50Ms: number;
  p95Ms: number;
  ttftMs: number;
}

function bestOf(expectations: readonly Expectation[]): Best {
  const best: Best = {
    nanoUsd: null,
    p50Ms: Number.POSITIVE_INFINITY,
    p95Ms: Number.POSITIVE_INFINITY,
    ttftMs: Number.POSITIVE_INFINITY,
  };
  for (const { nanoUsd, p50Ms, p95Ms, ttftMs } of expectations) {
    if (nanoUsd !== null && (best.nanoUsd === null || nanoUsd < best.nanoUsd)) best.nanoUsd = nanoUsd;
    if (p50Ms < best.p50Ms) best.p50Ms = p50Ms;
    if (p95Ms < best.p95Ms) best.p95Ms = p95Ms;
    if (ttftMs < best.ttftMs) best.ttftMs = ttftMs;
  }
  return best;
}

function partsOf({ manifest, headroom }: RouteOption, expected: Expectation, best: Best, policy: ScoringPolicy): Parts {
  const { nanoUsd, p50Ms, p95Ms, ttftMs, failRate } = expected;
  return {
    // Twice as dear is half as good. What has no price is not taken for cheap.
    cost: nanoUsd === null || best.nanoUsd === null ? 0 : (best.nanoUsd + 1) / (nanoUsd + 1),
    latency: (best.p50Ms + graceMs) / (p50Ms + graceMs),
    tail: (best.p95Ms + graceMs) / (p95Ms + graceMs),
    firstToken: (best.ttftMs + graceMs) / (ttftMs + graceMs),
    // Many failures are worse than many times a few: they meet again in the retry. Who wants it cheap asks twice, and loses
    // only where both fail.
    reliability: policy === 'cheap' ? 1 - failRate ** 2 : (1 - failRate) ** 2,
    quality: tierScore[manifest.tier],
    headroom: headroom?.freeShare ?? 1,
  };
}
