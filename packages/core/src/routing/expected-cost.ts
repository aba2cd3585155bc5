import { outputTokensOf } from '../policies/target-sample.js';
import type { TargetSample, TargetStats } from '../spec/report.js';
import type { RouteOption } from '../spec/router.js';

/** How many calls an estimate is worth: as many real ones move half-way from it. One bad call decides nothing. */
const assumedCalls = 30;
/** How many recent calls all that was seen before is worth, at most. */
const maxKnownCalls = 20;
/** How much of an option that is fully known the belief in estimates is worth. */
const unlearnedWeight = 0.02;
/** As many answers of this process count as much as all that its ledger knows of the lengths of a target's answers. */
const ledgerAnswers = 8;

/**
 * What a call to each option will probably cost; null: it has no price. Prices are in the estimate already, and new ones at
 * once; what is learned is how much of what was expected is really used.
 */
export function expectedCosts(options: readonly RouteOption[], outputShare: number | null): (number | null)[] {
  const terms = options.map(({ cost, stats }) => costTermsOf(cost.estimatedNanoUsd ?? 0, stats));
  const typicalLog = typicalLogFactor(terms);
  const typicalInput = typicalInputRatio(options);
  return options.map(({ cost, own = null }, index) => {
    const { estimatedNanoUsd, estimatedOutputNanoUsd: output = null } = cost;
    if (estimatedNanoUsd === null) return null;
    const { priorShare, ownLog } = terms[index] as CostTerms;
    if (outputShare === null || output === null) return estimatedNanoUsd * Math.exp(priorShare * typicalLog + ownLog);
    const input = (estimatedNanoUsd - output) * (own?.inputRatio ?? typicalInput);
    // What the ledger knows is of all kinds of calls together: it counts as far as this process knows no better.
    const deviation = ownLog - (1 - priorShare) * typicalLog;
    const doubt = deviation === 0 ? 0 : ledgerAnswers / (ledgerAnswers + (own?.comparedAnswers ?? 0));
    const share = outputShare * (own?.verbosity ?? 1);
    return (input + output * Math.min(share, mostOutput(cost))) * Math.exp(deviation * doubt);
  });
}

/** No answer is longer than its cap. */
function mostOutput({ maxOutputTokens, estimatedUsage }: RouteOption['cost']): number {
  const expected = outputTokensOf(estimatedUsage.quantities);
  return maxOutputTokens === null || expected === null || expected === 0
    ? Number.POSITIVE_INFINITY
    : maxOutputTokens / expected;
}

/** Estimates of the input lean to the safe side: what that is worth for known options is expected of the others too. */
function typicalInputRatio(options: readonly RouteOption[]): number {
  let sum = 0;
  let count = 0;
  for (const { own } of options) {
    if (own === undefined || own === null || own.inputRatio === null) continue;
    sum += own.inputRatio;
    count++;
  }
  return count === 0 ? 1 : sum / count;
}

/** How many times the estimate a call really costs, as a logarithm: `priorShare` of what is typical plus `ownLog`. */
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

const nothingLearned: CostTerms = { priorShare: 1, ownLog: 0 };
/** Statistics change every few seconds, calls come thousands of times as often. Null: it depends on the estimate of the call. */
const learnings = new WeakMap<TargetStats, CostTerms | null>();

function costTermsOf(estimatedNanoUsd: number, stats: TargetStats | null): CostTerms {
  if (stats === null) return nothingLearned;
  let learned = learnings.get(stats);
  if (learned === undefined) {
    learned = [stats, stats.recent ?? null].every(isComparable) ? costTerms(0, stats) : null;
    learnings.set(stats, learned);
  }
  return learned ?? costTerms(estimatedNanoUsd, stats);
}

function isComparable(sample: TargetSample | null): boolean {
  return sample === null || sample.costNanoUsd === null || typeof sample.expectedNanoUsd === 'number';
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
