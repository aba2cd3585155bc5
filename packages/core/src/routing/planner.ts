import { candidateCost } from '../estimate/candidate-cost.js';
import type { PriceBook } from '../estimate/price-book.js';
import { type InputBound, type RequestBound, requestBound } from '../estimate/request-usage.js';
import type { Candidate } from '../flow/live-call.js';
import { tokensOf } from '../money/usage.js';
import type { Circuits } from '../policies/circuits.js';
import { targetKey } from '../policies/target-key.js';
import type { BudgetMode } from '../spec/budget.js';
import type { Limits } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { TargetStats } from '../spec/report.js';
import type { Policy } from '../spec/request.js';
import type { CircuitStatus, RejectedRoute, RouteOption, RoutePlan, Router, RouterOptions } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { Tokenizer } from '../spec/tokenizer.js';
import type { Quantities } from '../spec/usage.js';
import { type CandidateFacts, candidateFacts } from './candidate-facts.js';
import { candidateInput, isPromise } from './candidate-input.js';
import type { Catalog, CatalogEntry } from './catalog.js';
import { type DowngradeRules, isSameModel, type PassedOver } from './downgrade.js';
import { type EligibilityQuestion, eligibilityQuestion, isAnyModel, isUnhealthy, rejectionOf } from './eligible.js';
import { Explorer } from './exploration.js';
import type { HeadroomCache } from './headroom.js';
import { noRoute, unknownModel } from './no-route.js';
import type { Place, Reachability } from './reachability.js';
import { BudgetMatcher, type BudgetsOfCall, type ConfiguredBudget } from './resolve-budgets.js';
import { standInsOf } from './stand-ins.js';
import type { StatsByTarget, StatsCache } from './stats-cache.js';

export interface PlannerParts {
  readonly catalog: Catalog;
  readonly router: Router;
  readonly routerOptions: RouterOptions;
  readonly prices: PriceBook;
  readonly tokenizers: readonly Tokenizer[];
  readonly circuits: Circuits;
  readonly stats: StatsCache;
  readonly headroom: HeadroomCache;
  readonly reachability: Reachability;
  readonly downgrade: DowngradeRules;
  readonly budgets: readonly ConfiguredBudget[];
  readonly mode: BudgetMode;
  readonly onUnpriced: 'warn' | 'refuse';
  readonly limits: Readonly<Record<string, Limits>>;
  readonly defaultModel: string;
  readonly defaultMaxOutputTokens: number | undefined;
  readonly defaultMaxAudioSeconds: number | undefined;
  /** `timeout.totalMs` of calls that give none. */
  readonly defaultTotalMs: number;
  readonly now: () => number;
}

/** A finished plan. */
export interface Planned {
  readonly plan: RoutePlan;
  /** How the candidates were ranked. */
  readonly policy: Policy;
  /** Upper bound of the request itself. */
  readonly inputTokens: number;
  /** Everything that was considered, eligible or not. */
  readonly considered: readonly Candidate[];
  /** The better one that is down, when the best that is left is a lesser model. */
  readonly passedOver: PassedOver | null;
  /** Best first; throws why nobody may serve the call when there is none. */
  candidatesOrThrow(): readonly Candidate[];
}

/** What is the same for all candidates of a call. */
interface Question {
  readonly call: Call;
  readonly input: RequestBound;
  readonly budgets: BudgetsOfCall;
  readonly stats: StatsByTarget;
  readonly nowMs: number;
  /** When its price may be asked for. */
  readonly moments: readonly number[];
}

/** A candidate with the place that is probed for it. */
interface Considered extends Candidate {
  readonly place: Place | null;
}

/** After an outage the failures of the outage say nothing: for so long only what was seen before it counts. */
const amnestyMs = 120_000;

/** Finds who could serve a call, asks the hard rules, lets the router rank the rest. Reads only. */
export class Planner {
  readonly #parts: PlannerParts;
  readonly #matcher: BudgetMatcher;
  readonly #facts = new WeakMap<CatalogEntry, CandidateFacts>();
  readonly #withoutRecent = new WeakMap<TargetStats, TargetStats>();
  readonly #explorer: Explorer | null;

  constructor(parts: PlannerParts) {
    this.#parts = parts;
    this.#matcher = new BudgetMatcher(parts.budgets);
    const { exploration } = parts.routerOptions;
    this.#explorer = exploration === undefined ? null : new Explorer(exploration);
  }

  /** Resolves when the first call knows what the ledger has learned before; null when there is nothing to wait for. */
  ready(): Promise<unknown> | null {
    return this.#parts.stats.ready();
  }

  /** Asks the ledger anew, for those who are not in a hurry. Never rejects. */
  refresh(): Promise<void> {
    return this.#parts.stats.fresh();
  }

  /** Whether a candidate may stand in for the best one, when that does not fit its budget. */
  mayReplace(best: Candidate, candidate: Candidate): boolean {
    return this.#parts.downgrade.refusal(best.target, candidate.option) === null;
  }

  /** `isCall`: of a call that will be made, so it may explore, and where it may go is probed. A promise only where a plugin needs one. */
  plan(call: Call, isCall = false): Planned | Promise<Planned> {
    const { catalog, stats, now, defaultModel, defaultTotalMs, prices } = this.#parts;
    const reference = call.request.model ?? defaultModel;
    const entries = catalog.find(reference, call.operation);
    if (entries.length === 0) throw unknownModel(reference, catalog);
    const nowMs = now();
    const question: Question = {
      call,
      input: requestBound(call, this.#parts.defaultMaxAudioSeconds),
      budgets: this.#matcher.ofCall(call.request.tags ?? noTags),
      stats: stats.current(nowMs),
      nowMs,
      moments: prices.moments(nowMs, nowMs + (call.request.timeout?.totalMs ?? defaultTotalMs)),
    };
    const exploration = isCall ? (this.#explorer?.ofNextCall() ?? null) : null;
    const finish = (considered: readonly Considered[]) =>
      this.#ranked(question, reference, considered, isCall, exploration);
    const considered: Considered[] = [];
    for (const [index, entry] of entries.entries()) {
      const candidate = this.#candidate(question, entry);
      if (isPromise(candidate)) return this.#slowly(question, considered, candidate, entries, index).then(finish);
      considered.push(candidate);
    }
    return finish(considered);
  }

  /** The rest of the candidates, from the first one on whose plugin takes its time. */
  async #slowly(
    question: Question,
    considered: Considered[],
    first: Promise<Considered>,
    entries: readonly CatalogEntry[],
    index: number,
  ): Promise<readonly Considered[]> {
    considered.push(await first);
    for (const entry of entries.slice(index + 1)) considered.push(await this.#candidate(question, entry));
    return considered;
  }

  #ranked(
    { call, nowMs }: Question,
    reference: string,
    considered: readonly Considered[],
    isCall: boolean,
    exploration: number | null,
  ): Planned {
    const { router, routerOptions, reachability } = this.#parts;
    const inputTokens = leastInput(considered);
    const rejected: RejectedRoute[] = [];
    const eligibility: EligibilityQuestion = eligibilityQuestion(call, inputTokens, reference, routerOptions);
    const eligible = considered.filter(({ option, place }) => {
      const rejection = rejectionOf(option, eligibility);
      if (rejection !== null) rejected.push(rejection);
      if (isCall && place !== null && (rejection === null || isUnhealthy(rejection))) reachability.want(place, nowMs);
      return rejection === null;
    });
    const policy = call.request.route ?? routerOptions.policy ?? 'smart';
    const rank = (options: readonly RouteOption[], explore: number | null): RoutePlan =>
      router.plan(
        { operation: call.operation, request: call.request, inputTokens, policy },
        { nowMs, options, router: routerOptions, exploration: explore },
      );
    const ranking = rank(
      eligible.map(({ option }) => option),
      exploration,
    );
    const unhealthy = rejected.filter(isUnhealthy);
    const { candidates, refused, passedOver } =
      unhealthy.length === 0 || ranking.candidates.length === 0
        ? { candidates: ranking.candidates, refused: [], passedOver: null }
        : standInsOf({
            candidates: ranking.candidates,
            options: considered.map(({ option }) => option),
            unhealthy,
            downgrade: this.#parts.downgrade,
            rank: (options) => rank(options, null),
          });
    const all = refused.length + ranking.rejected.length;
    const plan = { candidates, rejected: all === 0 ? rejected : [...rejected, ...ranking.rejected, ...refused] };
    const first = plan.candidates[0]?.target;
    const best = considered.find(({ target }) => target === first) ?? considered[0];
    return {
      plan,
      policy,
      inputTokens: best?.inputTokens ?? 0,
      considered,
      passedOver,
      candidatesOrThrow: () => chosen(plan, eligible, reference),
    };
  }

  /**
   * The models of `router.downgrade.steps` that may stand in for a model that was asked for by name, in the order of the
   * steps. With `auto` there is none: there all models are candidates already.
   */
  async steps(
    call: Call,
  ): Promise<{ readonly candidates: readonly Candidate[]; readonly rejected: readonly RejectedRoute[] }> {
    const { downgrade, catalog, defaultModel } = this.#parts;
    const reference = call.request.model ?? defaultModel;
    const [asked] = catalog.find(reference, call.operation);
    const candidates: Candidate[] = [];
    const rejected: RejectedRoute[] = [];
    if (asked === undefined || isAnyModel(reference)) return { candidates, rejected };
    for (const step of downgrade.steps ?? []) {
      if (catalog.find(step, call.operation).length === 0) continue;
      const request = { ...call.request, model: step };
      const { plan, considered } = await this.plan({ ...call, request } as Call, false);
      rejected.push(...plan.rejected);
      for (const { target } of plan.candidates) {
        const candidate = considered.find((each) => each.target === target);
        if (candidate === undefined || isSameModel(target, asked.target)) continue;
        const reason = downgrade.refusal(asked.target, candidate.option);
        if (reason === null) candidates.push(candidate);
        else rejected.push({ target, code: 'no_route', reason });
      }
    }
    return { candidates, rejected };
  }

  #candidate(question: Question, entry: CatalogEntry): Considered | Promise<Considered> {
    const input = candidateInput(this.#parts.tokenizers, question.call, entry, question.input);
    return isPromise(input)
      ? input.then((own) => this.#made(question, entry, own))
      : this.#made(question, entry, input);
  }

  #made(
    { call, budgets: ofCall, stats, nowMs, moments }: Question,
    entry: CatalogEntry,
    input: InputBound,
  ): Considered {
    const { onUnpriced, circuits, headroom, reachability, prices, defaultMaxOutputTokens } = this.#parts;
    const { provider, endpoint, manifest, target } = entry;
    const { key, circuitKey, limits, place, budgetsOf } = this.#factsOf(entry);
    const { budgets, strict } = budgetsOf(ofCall);
    const cost = candidateCost({ call, target, manifest, input, defaultMaxOutputTokens, prices, moments });
    const circuit = circuits.status(target, nowMs, circuitKey);
    return {
      target,
      provider,
      strict,
      budgets,
      limits,
      place,
      inputTokens: inputTokensOf(input.quantities),
      option: {
        target,
        manifest,
        endpoint,
        cost,
        circuit,
        stats: this.#seen(stats.get(key) ?? null, circuit, circuitKey, nowMs),
        headroom: headroom.of(target, key, limits, tokensOf(cost.estimatedUsage.quantities)),
        reach: place === null ? null : reachability.reachOf(place, nowMs),
        mustBePriced: strict || onUnpriced === 'refuse',
      },
    };
  }

  #factsOf(entry: CatalogEntry): CandidateFacts {
    let facts = this.#facts.get(entry);
    if (facts === undefined) {
      const { mode, limits, reachability } = this.#parts;
      facts = candidateFacts({ matcher: this.#matcher, mode, limits, reachability }, entry);
      this.#facts.set(entry, facts);
    }
    return facts;
  }

  /** What the breaker probes, or has just found well again, is not judged by the failures that had opened its circuit. */
  #seen(stats: TargetStats | null, circuit: CircuitStatus, circuitKey: string, nowMs: number): TargetStats | null {
    if (stats === null || stats.recent === undefined || stats.recent === null) return stats;
    const closedAtMs = this.#parts.circuits.closedAtMs(circuitKey);
    const isBack = closedAtMs !== null && nowMs - closedAtMs < amnestyMs;
    if (circuit !== 'half_open' && !isBack) return stats;
    let seen = this.#withoutRecent.get(stats);
    if (seen === undefined) {
      seen = { ...stats, recent: null };
      this.#withoutRecent.set(stats, seen);
    }
    return seen;
  }
}

const noTags: Readonly<Record<string, string>> = {};

/** What candidates of different vocabularies agree on. */
function leastInput(considered: readonly Candidate[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { inputTokens } of considered) least = Math.min(least, inputTokens);
  return least === Number.POSITIVE_INFINITY ? 0 : least;
}

/** Only what goes in: a provider's bound may be that of the whole bill. */
function inputTokensOf(quantities: Quantities): number {
  let tokens = 0;
  for (const unit in quantities) {
    if (unit.endsWith('_token') && !unit.startsWith('output') && unit !== 'reasoning_token')
      tokens += quantities[unit] ?? 0;
  }
  return tokens;
}

/** A router may only choose among what it was shown, and nothing twice. */
function chosen(plan: RoutePlan, eligible: readonly Candidate[], reference: string): readonly Candidate[] {
  const byTarget = new Map(eligible.map((candidate) => [candidate.target, candidate]));
  const candidates: Candidate[] = [];
  for (const { target } of plan.candidates) {
    // A router of somebody else may name a target with an object of its own.
    const candidate = byTarget.get(target) ?? byKey(byTarget.values(), target);
    if (candidate === undefined || !byTarget.delete(candidate.target)) continue;
    candidates.push(candidate);
  }
  if (candidates.length === 0) throw noRoute(plan.rejected, reference);
  return candidates;
}

function byKey(candidates: Iterable<Candidate>, target: Target): Candidate | undefined {
  const key = targetKey(target);
  for (const candidate of candidates) if (targetKey(candidate.target) === key) return candidate;
  return undefined;
}
