import { outputTokensOf, tokensPerAnswer } from '../policies/target-sample.js';
import type { TargetSample, TargetStats } from '../spec/report.js';
import type { RouteOption } from '../spec/router.js';

/** What a call to an option will probably be like. */
export interface Expectation {
  /** Null: it has no price. */
  readonly nanoUsd: number | null;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly ttftMs: number;
  /** 0..1. */
  readonly failRate: number;
}

/** What an endpoint without history is taken for: rather good, so that it is tried before what is known to be slow. */
const assumed = { paceP50Ms: 5, paceP95Ms: 13, ttftMs: 500, failRate: 0.02 } as const;
/** Durations of ledgers that do not tell the pace are taken for those of answers of this length. */
const usualTokens = 250;
/** How many calls the assumption is worth: as many real ones move half-way from it. One bad call decides nothing. */
const assumedCalls = 30;
/** Durations are less a matter of luck than failures. */
const assumedDurations = 15;
/** How many recent calls all that was seen before is worth, at most. */
const maxKnownCalls = 20;
/** Nothing is faster; keeps logarithms finite. */
const grainMs = 0.001;
/** The 95th percentile of a few calls is the slowest of them: it takes so many times as many to say as much. */
const callsPerTail = 3;
/** A wait for a rate limit that never ends counts like this. */
const maxWaitMs = 600_000;

/** Of each option: from what the ledger has seen, as far as that is worth something, and from what is assumed otherwise. */
export function expectationsOf(options: readonly RouteOption[]): readonly Expectation[] {
  const costs = options.map(({ cost, stats }) => costTermsOf(cost.estimatedNanoUsd ?? 0, stats));
  const typicalLog = typicalLogFactor(costs);
  return options.map(({ cost, stats, headroom, reach }, index) => {
    const { estimatedNanoUsd } = cost;
    const limitMs = headroom === undefined || headroom === null ? 0 : Math.min(headroom.waitMs, maxWaitMs);
    // Where no call has been yet, the probe says how far it is.
    const waitMs = stats === null ? limitMs + (reach?.latencyMs ?? 0) : limitMs;
    const { paceP50Ms, paceP95Ms, ttftMs, failRate } = stats === null ? nothingLearned : learnedFrom(stats);
    const tokens = (outputTokensOf(cost.estimatedUsage.quantities) ?? 0) + tokensPerAnswer;
    const { priorShare, ownLog } = costs[index] as CostTerms;
    return {
      nanoUsd: estimatedNanoUsd === null ? null : estimatedNanoUsd * Math.exp(priorShare * typicalLog + ownLog),
      p50Ms: paceP50Ms * tokens + waitMs,
      p95Ms: paceP95Ms * tokens + waitMs,
      ttftMs: ttftMs + waitMs,
      failRate,
    };
  });
}

/**
 * How many times the estimate a call really costs, as a logarithm: `priorShare` of what is typical plus `ownLog`. Prices are
 * in the estimate already, and new ones at once; what is learned is how much of what was expected is really used.
 */
interface CostTerms {
  readonly priorShare: number;
  readonly ownLog: number;
}

/** Estimates lean to the safe side: what that is worth for known options is expected of the others too. */
function typicalLogFactor(costs: readonly CostTerms[]): number {
  let sum = 0;
  let weight = unlearnedWeight;
  for (const { priorShare, ownLog } of costs) {
    sum += ownLog;
    weight += 1 - priorShare;
  }
  return sum / weight;
}

/** How much of an option that is fully known the belief in estimates is worth. */
const unlearnedWeight = 0.02;

/** What statistics say about every call. */
interface Learned {
  readonly paceP50Ms: number;
  readonly paceP95Ms: number;
  readonly ttftMs: number;
  readonly failRate: number;
  /** Null: it depends on the estimate of the call. */
  readonly cost: CostTerms | null;
}

const nothingLearned: Learned = { ...assumed, cost: { priorShare: 1, ownLog: 0 } };
/** Statistics change every few seconds, calls come thousands of times as often. */
const learnings = new WeakMap<TargetStats, Learned>();

function learnedFrom(stats: TargetStats): Learned {
  let learned = learnings.get(stats);
  if (learned === undefined) {
    const { recent = null } = stats;
    const isComparable = [stats, recent].every(
      (sample) => sample === null || sample.costNanoUsd === null || typeof sample.expectedNanoUsd === 'number',
    );
    learned = {
      paceP50Ms: duration(assumed.paceP50Ms, stats, pacesOf(stats).p50, recent, recent && pacesOf(recent).p50),
      paceP95Ms: duration(
        assumed.paceP95Ms,
        stats,
        pacesOf(stats).p95,
        recent,
        recent && pacesOf(recent).p95,
        callsPerTail,
      ),
      ttftMs: duration(assumed.ttftMs, stats, stats.ttftMs, recent, recent?.ttftMs),
      failRate: failRateOf(stats),
      cost: isComparable ? costTerms(0, stats) : null,
    };
    learnings.set(stats, learned);
  }
  return learned;
}

function failRateOf(stats: TargetStats): number {
  const known = mean(assumed.failRate, assumedCalls, stats.failRate, stats.calls);
  const { recent = null } = stats;
  if (recent === null) return known;
  return mean(known, Math.min(assumedCalls + stats.calls, maxKnownCalls), recent.failRate, recent.calls);
}

function pacesOf({ p50Ms, p95Ms, paceP50Ms, paceP95Ms }: TargetSample) {
  const usual = (ms: number | null) => (ms === null ? null : ms / (usualTokens + tokensPerAnswer));
  return { p50: paceP50Ms ?? usual(p50Ms), p95: paceP95Ms ?? usual(p95Ms) };
}

/**
 * Durations are ratios of each other, so they are averaged by their logarithms: one answer that took a minute does not
 * outweigh ten that took a second.
 */
function duration(
  assumedMs: number,
  stats: TargetStats,
  allMs: number | null,
  recent: TargetSample | null,
  recentMs: number | null | undefined,
  callsPerOpinion = 1,
): number {
  if (allMs === null) return assumedMs;
  const good = (stats.calls * (1 - stats.failRate)) / callsPerOpinion;
  const known = mean(Math.log(assumedMs), assumedDurations, Math.log(allMs + grainMs), good);
  if (recent === null || recentMs === null || recentMs === undefined) return Math.exp(known);
  const goodRecent = (recent.calls * (1 - recent.failRate)) / callsPerOpinion;
  return Math.exp(
    mean(known, Math.min(assumedDurations + good, maxKnownCalls), Math.log(recentMs + grainMs), goodRecent),
  );
}

function costTermsOf(estimatedNanoUsd: number, stats: TargetStats | null): CostTerms {
  const learned = stats === null ? nothingLearned : learnedFrom(stats);
  return learned.cost ?? costTerms(estimatedNanoUsd, stats as TargetStats);
}

function costTerms(estimatedNanoUsd: number, stats: TargetStats): CostTerms {
  const { recent = null } = stats;
  const all = pricedCalls(stats);
  const latest = recent === null ? 0 : pricedCalls(recent);
  const kept = Math.min(assumedCalls + all, maxKnownCalls);
  const knownShare = kept / (kept + latest);
  const allShare = all / (assumedCalls + all);
  const latestLog = recent === null ? 0 : Math.log(ratioOf(recent, estimatedNanoUsd));
  return {
    priorShare: knownShare * (1 - allShare),
    ownLog: knownShare * allShare * Math.log(ratioOf(stats, estimatedNanoUsd)) + (1 - knownShare) * latestLog,
  };
}

function pricedCalls({ calls, failRate, costNanoUsd }: TargetSample): number {
  return costNanoUsd === null ? 0 : calls * (1 - failRate);
}

/** A ledger that does not say what its calls were expected to cost is taken to have seen calls like this one. */
function ratioOf({ costNanoUsd, expectedNanoUsd }: TargetSample, estimatedNanoUsd: number): number {
  if (costNanoUsd === null) return 1;
  return (costNanoUsd + 1) / ((expectedNanoUsd ?? estimatedNanoUsd) + 1);
}

function mean(first: number, firstWeight: number, second: number, secondWeight: number): number {
  return (first * firstWeight + second * secondWeight) / (firstWeight + secondWeight);
}
