import { candidateCost } from '../estimate/candidate-cost.js';
import type { PriceBook } from '../estimate/price-book.js';
import type { InputBound, RequestBound } from '../estimate/request-usage.js';
import { isPromise } from '../flow/is-promise.js';
import type { Candidate } from '../flow/live-call.js';
import type { Circuits } from '../policies/circuits.js';
import type { BudgetMode } from '../spec/budget.js';
import type { Limits } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { TargetStats } from '../spec/report.js';
import type { CircuitStatus } from '../spec/router.js';
import type { Tokenizer } from '../spec/tokenizer.js';
import type { Quantities } from '../spec/usage.js';
import { type CandidateFacts, candidateFacts } from './candidate-facts.js';
import { candidateInput } from './candidate-input.js';
import type { CatalogEntry } from './catalog.js';
import type { HeadroomCache } from './headroom.js';
import type { OwnCalls } from './own-calls.js';
import type { Place, Reachability } from './reachability.js';
import type { BudgetMatcher, BudgetsOfCall } from './resolve-budgets.js';
import type { StatsByTarget } from './stats-cache.js';

/** What is the same for all candidates of a call. */
export interface Question {
  readonly call: Call;
  readonly input: RequestBound;
  readonly budgets: BudgetsOfCall;
  readonly stats: StatsByTarget;
  readonly nowMs: number;
  /** When its price may be asked for. */
  readonly moments: readonly number[];
}

/** A candidate with the place that is probed for it. */
export interface Considered extends Candidate {
  readonly key: string;
  readonly place: Place | null;
}

export interface ConsideringParts {
  readonly prices: PriceBook;
  readonly tokenizers: readonly Tokenizer[];
  readonly circuits: Circuits;
  readonly headroom: HeadroomCache;
  readonly reachability: Reachability;
  readonly own: OwnCalls;
  readonly mode: BudgetMode;
  readonly onUnpriced: 'warn' | 'refuse';
  readonly limits: Readonly<Record<string, Limits>>;
  readonly defaultMaxOutputTokens: number | undefined;
}

/** After an outage the failures of the outage say nothing: for so long only what was seen before it counts. */
const amnestyMs = 120_000;

/** Puts together what is known of each candidate of a call. */
export class Considering {
  readonly #parts: ConsideringParts;
  readonly #matcher: BudgetMatcher;
  readonly #facts = new WeakMap<CatalogEntry, CandidateFacts>();
  readonly #withoutRecent = new WeakMap<TargetStats, TargetStats>();

  constructor(parts: ConsideringParts, matcher: BudgetMatcher) {
    this.#parts = parts;
    this.#matcher = matcher;
  }

  /** In the order of the entries. A promise only where a plugin needs one. */
  of(question: Question, entries: readonly CatalogEntry[]): readonly Considered[] | Promise<readonly Considered[]> {
    const considered: Considered[] = [];
    for (const [index, entry] of entries.entries()) {
      const candidate = this.#candidate(question, entry);
      if (isPromise(candidate)) return this.#slowly(question, considered, candidate, entries.slice(index + 1));
      considered.push(candidate);
    }
    return considered;
  }

  /** The rest of the candidates, from the first one on whose plugin takes its time. */
  async #slowly(
    question: Question,
    considered: Considered[],
    first: Promise<Considered>,
    rest: readonly CatalogEntry[],
  ): Promise<readonly Considered[]> {
    considered.push(await first);
    for (const entry of rest) considered.push(await this.#candidate(question, entry));
    return considered;
  }

  /** A candidate whose service has counted what it is sent. */
  async counted(question: Question, entry: CatalogEntry, counted: Quantities): Promise<Considered> {
    const bound = await candidateInput(this.#parts.tokenizers, question.call, entry, question.input);
    return this.#made(question, entry, {
      ...bound,
      quantities: withCounted(bound.quantities, counted),
      unboundedReason: null,
    });
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
    const { onUnpriced, circuits, headroom, reachability, own, prices, defaultMaxOutputTokens } = this.#parts;
    const { provider, endpoint, manifest, target } = entry;
    const { key, circuitKey, limits, place, budgetsOf } = this.#factsOf(entry);
    const { budgets, strict } = budgetsOf(ofCall);
    const cost = candidateCost({ call, target, manifest, input, defaultMaxOutputTokens, prices, moments });
    const circuit = circuits.status(target, nowMs, circuitKey);
    return {
      key,
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
        own: own.of(key, nowMs),
        headroom: headroom.of(target, key, limits, cost.estimatedUsage.quantities, nowMs),
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

/** A count is of all that is sent; what is billed beside it (a cache, a search) keeps its bound. */
function withCounted(bound: Quantities, counted: Quantities): Quantities {
  const quantities: Record<string, number> = {};
  for (const unit in bound) if (!countedUnits.has(unit)) quantities[unit] = bound[unit] ?? 0;
  return { ...quantities, ...counted };
}

const countedUnits: ReadonlySet<string> = new Set([
  'input_token',
  'input_image_token',
  'input_audio_token',
  'input_video_token',
]);

/** Only what goes in: a provider's bound may be that of the whole bill. */
function inputTokensOf(quantities: Quantities): number {
  let tokens = 0;
  for (const unit in quantities) {
    if (unit.endsWith('_token') && !unit.startsWith('output') && unit !== 'reasoning_token')
      tokens += quantities[unit] ?? 0;
  }
  return tokens;
}
