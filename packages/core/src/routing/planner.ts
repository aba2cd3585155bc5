import { requestBound } from '../estimate/request-usage.js';
import { isPromise } from '../flow/is-promise.js';
import type { Candidate } from '../flow/live-call.js';
import type { Call } from '../spec/middleware.js';
import type { Policy } from '../spec/request.js';
import type { Warning } from '../spec/response.js';
import type { RejectedRoute, RoutePlan } from '../spec/router.js';
import { shapeOf } from './call-shape.js';
import type { Catalog, CatalogEntry } from './catalog.js';
import { chosenCandidates } from './chosen-candidates.js';
import { type Considered, Considering, type ConsideringParts, type Question } from './considered.js';
import { isSameModel, type PassedOver } from './downgrade.js';
import { isAnyModel } from './eligible.js';
import { Explorer } from './exploration.js';
import { unknownModel } from './no-route.js';
import { type RankingParts, ranking } from './ranking.js';
import { BudgetMatcher, type ConfiguredBudget } from './resolve-budgets.js';
import type { StatsCache } from './stats-cache.js';
import type { TokenCounts } from './token-counts.js';

export interface PlannerParts extends ConsideringParts, RankingParts {
  readonly catalog: Catalog;
  readonly stats: StatsCache;
  readonly budgets: readonly ConfiguredBudget[];
  readonly defaultModel: string;
  readonly defaultMaxAudioSeconds: number | undefined;
  /** `timeout.totalMs` of calls that give none. */
  readonly defaultTotalMs: number;
  readonly counts: TokenCounts;
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
  /** What went wrong on the way and does not stop the call. */
  readonly warnings: readonly Warning[];
  /** Best first; throws why nobody may serve the call when there is none. */
  candidatesOrThrow(): readonly Candidate[];
}

/** Finds who could serve a call, asks the hard rules, lets the router rank the rest. Reads only. */
export class Planner {
  readonly #parts: PlannerParts;
  readonly #matcher: BudgetMatcher;
  readonly #considering: Considering;
  readonly #explorer: Explorer | null;

  constructor(parts: PlannerParts) {
    this.#parts = parts;
    this.#matcher = new BudgetMatcher(parts.budgets);
    this.#considering = new Considering(parts, this.#matcher);
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
    const considered = this.#considering.of(question, entries);
    if (this.#parts.counts.wants(call, isCall))
      return this.#counted(question, reference, entries, considered, isCall, exploration);
    return isPromise(considered)
      ? considered.then((all) => this.#planned(question, reference, all, isCall, exploration))
      : this.#planned(question, reference, considered, isCall, exploration);
  }

  /** The plan after the best candidate's own service has counted: the others are not told what is asked. */
  async #counted(
    question: Question,
    reference: string,
    entries: readonly CatalogEntry[],
    considering: readonly Considered[] | Promise<readonly Considered[]>,
    isCall: boolean,
    exploration: number | null,
  ): Promise<Planned> {
    const considered = await considering;
    const draft = this.#planned(question, reference, considered, false, exploration);
    const first = draft.plan.candidates[0]?.target;
    const entry = entries.find(({ target }) => target === first);
    const best = considered.find(({ target }) => target === first);
    const plan = (all: readonly Considered[]) => this.#planned(question, reference, all, isCall, exploration);
    if (entry === undefined || best === undefined) return plan(considered);
    const count = await this.#parts.counts.of(question.call, best);
    if (count === null) return plan(considered);
    if ('warning' in count) return { ...plan(considered), warnings: [count.warning] };
    const exact = await this.#considering.counted(question, entry, count.quantities);
    return plan(considered.map((each) => (each === best ? exact : each)));
  }

  #planned(
    { call, nowMs }: Question,
    reference: string,
    considered: readonly Considered[],
    isCall: boolean,
    exploration: number | null,
  ): Planned {
    const { reachability, own } = this.#parts;
    const inputTokens = leastInput(considered);
    const shape = shapeOf(call, inputTokens);
    const { plan, policy, eligible, passedOver } = ranking(this.#parts, {
      call,
      nowMs,
      reference,
      considered,
      inputTokens,
      outputShare: own.outputShare(shape),
      exploration,
      want: ({ place }) => {
        if (isCall && place !== null) reachability.want(place, nowMs);
      },
    });
    const first = plan.candidates[0]?.target;
    const best = considered.find(({ target }) => target === first);
    if (isCall && best !== undefined) own.begin(call.id, shape, considered, best.key);
    return {
      plan,
      policy,
      inputTokens: (best ?? considered[0])?.inputTokens ?? 0,
      considered,
      passedOver,
      warnings: [],
      candidatesOrThrow: () => chosenCandidates(plan, eligible, reference),
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
      const request = { ...call.request, model: step, countTokens: false };
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
}

const noTags: Readonly<Record<string, string>> = {};

/** What candidates of different vocabularies agree on. */
function leastInput(considered: readonly Candidate[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { inputTokens } of considered) least = Math.min(least, inputTokens);
  return least === Number.POSITIVE_INFINITY ? 0 : least;
}
