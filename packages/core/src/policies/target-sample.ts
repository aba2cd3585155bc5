import { failurePolicy } from '../errors/failure-policy.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { NanoUsd } from '../spec/money.js';
import type { StatsQuery, TargetSample, TargetStats } from '../spec/report.js';
import type { Target } from '../spec/target.js';
import type { Quantities } from '../spec/usage.js';

/** An attempt as statistics look at it. */
export interface ObservedAttempt {
  readonly target: Target;
  readonly ok: boolean;
  readonly errorCode: string | null;
  /** When it ended. */
  readonly atMs: number;
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  /** Null: unknown, or the answer has none. */
  readonly outputTokens: number | null;
  readonly actualNanoUsd: NanoUsd | null;
  readonly estimatedNanoUsd: NanoUsd | null;
}

/** What an answer costs in time before its first token, in tokens. */
export const tokensPerAnswer = 50;
/** The attempts of a target that `recent` looks at: enough for a 95th percentile, few enough to be read all the time. */
const maxRecent = 200;
/** Percentiles are those of the latest attempts: sorting all of a day would cost more than it tells. */
const maxSorted = 1_000;
/** What counts less than this says nothing any more. */
const minWeight = 0.01;

/** What attempts, the latest first, say about each target. What says nothing about one (a wrong request) is left out. */
export function targetStats(attempts: Iterable<ObservedAttempt>, query: StatsQuery): readonly TargetStats[] {
  const groups = new Map<Target, ObservedAttempt[]>();
  for (const attempt of attempts) {
    if (!attempt.ok && isNoFaultOfTarget(attempt.errorCode)) continue;
    const group = groups.get(attempt.target);
    if (group === undefined) groups.set(attempt.target, [attempt]);
    else group.push(attempt);
  }
  return [...sameTargets(groups)].map(([target, group]) => {
    const { provider, profile, endpoint, region, model } = target;
    const stats = { provider, profile, endpoint, region, model, ...sampleOf(group, () => 1) };
    return query.recent === undefined ? stats : { ...stats, recent: recentOf(group, query.recent) };
  });
}

/** How many tokens an answer has, thinking included; null when nothing is said. */
export function outputTokensOf(quantities: Quantities): number | null {
  const { output_token: answer, reasoning_token: thinking } = quantities;
  return answer === undefined && thinking === undefined ? null : (answer ?? 0) + (thinking ?? 0);
}

/** Whether a failure is the caller's, or ours: it would have failed anywhere. */
export function isNoFaultOfTarget(errorCode: string | null): boolean {
  if (errorCode === null || !Object.hasOwn(failurePolicy, errorCode)) return false;
  const { failover, trips } = failurePolicy[errorCode as ErrorCode];
  return !failover && !trips;
}

/** Targets may be equal without being the same object; grouping by object first saves a key per attempt. */
function sameTargets(groups: ReadonlyMap<Target, ObservedAttempt[]>): Iterable<readonly [Target, ObservedAttempt[]]> {
  const byKey = new Map<string, readonly [Target, ObservedAttempt[]]>();
  const merged = new Set<ObservedAttempt[]>();
  for (const [target, group] of groups) {
    const { provider, profile, endpoint, region, model } = target;
    const key = JSON.stringify([provider, profile, endpoint, region, model]);
    const known = byKey.get(key);
    if (known === undefined) {
      byKey.set(key, [target, group]);
      continue;
    }
    known[1].push(...group);
    merged.add(known[1]);
  }
  for (const group of merged) group.sort((first, second) => second.atMs - first.atMs);
  return byKey.values();
}

function recentOf(
  latestFirst: readonly ObservedAttempt[],
  { nowMs, halfLifeMs }: NonNullable<StatsQuery['recent']>,
): TargetSample | null {
  const weightOf = ({ atMs }: ObservedAttempt) => 0.5 ** (Math.max(0, nowMs - atMs) / halfLifeMs);
  const recent = latestFirst.slice(0, maxRecent).filter((attempt) => weightOf(attempt) >= minWeight);
  return recent.length === 0 ? null : sampleOf(recent, weightOf);
}

function sampleOf(attempts: readonly ObservedAttempt[], weightOf: (attempt: ObservedAttempt) => number): TargetSample {
  let calls = 0;
  let failed = 0;
  const cost = new Mean();
  const expected = new Mean();
  const totals: Weighted[] = [];
  const ttfts: Weighted[] = [];
  const paces: Weighted[] = [];
  for (const attempt of attempts) {
    const weight = weightOf(attempt);
    calls += weight;
    if (!attempt.ok) {
      failed += weight;
      continue;
    }
    const { totalMs, ttftMs, actualNanoUsd, estimatedNanoUsd } = attempt;
    if (totalMs !== null && totals.length < maxSorted) {
      totals.push([totalMs, weight]);
      paces.push([totalMs / ((attempt.outputTokens ?? 0) + tokensPerAnswer), weight]);
    }
    if (ttftMs !== null && ttfts.length < maxSorted) ttfts.push([ttftMs, weight]);
    if (actualNanoUsd === null) continue;
    cost.add(actualNanoUsd, weight);
    if (estimatedNanoUsd !== null) expected.add(estimatedNanoUsd, weight);
  }
  totals.sort(byValue);
  paces.sort(byValue);
  return {
    calls,
    failRate: calls === 0 ? 0 : failed / calls,
    p50Ms: quantile(totals, 0.5),
    p95Ms: quantile(totals, 0.95),
    ttftMs: quantile(ttfts.sort(byValue), 0.5),
    paceP50Ms: quantile(paces, 0.5),
    paceP95Ms: quantile(paces, 0.95),
    costNanoUsd: cost.rounded,
    // Only where it is of the very same attempts: otherwise the two cannot be compared.
    expectedNanoUsd: expected.count === cost.count ? expected.rounded : null,
  };
}

class Mean {
  count = 0;
  #sum = 0;
  #weight = 0;

  add(value: number, weight: number): void {
    this.count++;
    this.#sum += value * weight;
    this.#weight += weight;
  }

  get rounded(): NanoUsd | null {
    return this.#weight === 0 ? null : Math.round(this.#sum / this.#weight);
  }
}

type Weighted = readonly [value: number, weight: number];

function byValue([left]: Weighted, [right]: Weighted): number {
  return left - right;
}

/** Nearest rank. */
function quantile(ascending: readonly Weighted[], share: number): number | null {
  let total = 0;
  for (const [, weight] of ascending) total += weight;
  // Sums of weights are rounded: a hair less is enough.
  const wanted = share * total * (1 - 1e-12);
  let seen = 0;
  for (const [value, weight] of ascending) {
    seen += weight;
    if (seen >= wanted) return value;
  }
  return null;
}
