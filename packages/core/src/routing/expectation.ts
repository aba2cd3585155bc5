import { outputTokensOf, tokensPerAnswer } from '../policies/target-sample.js';
import type { TargetSample, TargetStats } from '../spec/report.js';
import type { OwnSample, RouteOption } from '../spec/router.js';
import { expectedCosts } from './expected-cost.js';

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
const assumedDurations = 12;
/** How many recent calls all that was seen before is worth, at most. */
const maxKnownCalls = 20;
/** How many answers of this process the ledger's durations are worth at most: it sees at once what has changed. */
const ledgerAnswers = 1;
/** What a mere assumption is worth beside an answer. */
const assumedAnswers = 0.1;
/** So many calls in the ledger are worth all of `ledgerAnswers`. */
const callsOfLedger = 10;
/** What is not known gets worse by this part with every call that is on its way to it: one is enough to learn. */
const perUnanswered = 1;
/** Nothing is faster; keeps logarithms finite. */
const grainMs = 0.001;
/** The 95th percentile of a few calls is the slowest of them: it takes so many times as many to say as much. */
const callsPerTail = 3;
/** A wait for a rate limit that never ends counts like this. */
const maxWaitMs = 600_000;

/**
 * Of each option: from what this process and its ledger have seen, as far as that is worth something, and from what is
 * assumed otherwise. `outputShare` as in `RouterView`.
 */
export function expectationsOf(
  options: readonly RouteOption[],
  outputShare: number | null = null,
): readonly Expectation[] {
  const costs = expectedCosts(options, outputShare);
  return options.map((option, index) => expectationOf(option, costs[index] ?? null, outputShare ?? 1));
}

function expectationOf(option: RouteOption, nanoUsd: number | null, outputShare: number): Expectation {
  const { cost, stats, own = null, headroom, reach } = option;
  const limitMs = headroom === undefined || headroom === null ? 0 : Math.min(headroom.waitMs, maxWaitMs);
  // Where no call has been yet, the probe says how far it is.
  const waitMs = stats === null && own === null ? limitMs + (reach?.latencyMs ?? 0) : limitMs;
  const learned = stats === null ? assumed : learnedFrom(stats);
  const expectedTokens = (outputTokensOf(cost.estimatedUsage.quantities) ?? 0) * outputShare * (own?.verbosity ?? 1);
  const tokens = Math.min(expectedTokens, cost.maxOutputTokens ?? expectedTokens) + tokensPerAnswer;
  const [p50Ms, p95Ms, ttftMs] = durationsOf(learned, worthOf(stats), own, tokens);
  return {
    nanoUsd,
    p50Ms: p50Ms + waitMs,
    p95Ms: p95Ms + waitMs,
    ttftMs: ttftMs + waitMs,
    failRate: failRateOf(stats, own, learned.failRate),
  };
}

/** In answers of this process. */
function worthOf(stats: TargetStats | null): number {
  return stats === null ? assumedAnswers : assumedAnswers + ledgerAnswers * Math.min(1, stats.calls / callsOfLedger);
}

type Durations = readonly [p50Ms: number, p95Ms: number, ttftMs: number];

/** `tokens`: those of the answer, and what it costs in time before the first of them. */
function durationsOf(
  { paceP50Ms, paceP95Ms, ttftMs }: Pick<Learned, 'paceP50Ms' | 'paceP95Ms' | 'ttftMs'>,
  knownAnswers: number,
  own: OwnSample | null,
  tokens: number,
): Durations {
  const p50Ms = paceP50Ms * tokens;
  const p95Ms = paceP95Ms * tokens;
  if (own === null) return [p50Ms, p95Ms, ttftMs];
  const doubt = 1 + (own.unanswered * perUnanswered) / (1 + own.answers ** 2);
  if (own.ttftMs === null || own.msPerToken === null || own.tail === null)
    return [p50Ms * doubt, p95Ms * doubt, ttftMs * doubt];
  const ownP50Ms = own.ttftMs + own.msPerToken * (tokens - tokensPerAnswer);
  const known = knownAnswers / (knownAnswers + own.answers);
  const between = (ledgerMs: number, ownMs: number) =>
    (ledgerMs + grainMs) ** known * (ownMs + grainMs) ** (1 - known) * doubt;
  return [between(p50Ms, ownP50Ms), between(p95Ms, ownP50Ms * own.tail), between(ttftMs, own.ttftMs)];
}

/** What statistics say about every call. */
interface Learned {
  readonly paceP50Ms: number;
  readonly paceP95Ms: number;
  readonly ttftMs: number;
  /** Without what this process has seen itself. */
  readonly failRate: number;
}

/** Statistics change every few seconds, calls come thousands of times as often. */
const learnings = new WeakMap<TargetStats, Learned>();

function learnedFrom(stats: TargetStats): Learned {
  let learned = learnings.get(stats);
  if (learned === undefined) {
    const { recent = null } = stats;
    const all = pacesOf(stats);
    const latest = recent === null ? null : pacesOf(recent);
    learned = {
      paceP50Ms: duration(assumed.paceP50Ms, stats, all.p50, recent, latest?.p50),
      paceP95Ms: duration(assumed.paceP95Ms, stats, all.p95, recent, latest?.p95, callsPerTail),
      ttftMs: duration(assumed.ttftMs, stats, stats.ttftMs, recent, recent?.ttftMs),
      failRate: mean(assumed.failRate, assumedCalls, stats.failRate, stats.calls),
    };
    learnings.set(stats, learned);
  }
  return learned;
}

/** What was seen lately: by this process, and as far as the ledger has seen more, by others. */
function failRateOf(stats: TargetStats | null, own: OwnSample | null, known: number): number {
  const recent = stats?.recent ?? null;
  const ownCalls = own?.calls ?? 0;
  const others = Math.max(0, (recent?.calls ?? 0) - ownCalls);
  const kept = Math.min(assumedCalls + (stats?.calls ?? 0), maxKnownCalls);
  const seen = mean(known, kept, own?.failRate ?? 0, ownCalls);
  return recent === null ? seen : mean(seen, kept + ownCalls, recent.failRate, others);
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

function mean(first: number, firstWeight: number, second: number, secondWeight: number): number {
  return (first * firstWeight + second * secondWeight) / (firstWeight + secondWeight);
}
