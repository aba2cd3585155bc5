import { VibeError } from '../errors/vibe-error.js';
import { candidateCost } from '../estimate/candidate-cost.js';
import type { PriceBook } from '../estimate/price-book.js';
import { type InputBound, inputBound } from '../estimate/request-usage.js';
import type { Candidate } from '../flow/live-call.js';
import { tokensOf } from '../money/usage.js';
import type { Circuits } from '../policies/circuits.js';
import { describeTarget, targetKey } from '../policies/target-key.js';
import type { BudgetMode } from '../spec/budget.js';
import type { ErrorCode } from '../spec/error-code.js';
import type { Limits } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { ChatRequest, Policy } from '../spec/request.js';
import type { RejectedRoute, RoutePlan, Router, RouterOptions } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { Tokenizer } from '../spec/tokenizer.js';
import type { Catalog, CatalogEntry } from './catalog.js';
import { rejectionOf } from './eligible.js';
import { type ConfiguredBudget, isStrict, matchingBudgets } from './resolve-budgets.js';
import { limitsOf } from './resolve-limits.js';
import type { StatsCache } from './stats-cache.js';

export interface PlannerParts {
  readonly catalog: Catalog;
  readonly router: Router;
  readonly routerOptions: RouterOptions;
  readonly prices: PriceBook;
  readonly tokenizers: readonly Tokenizer[];
  readonly circuits: Circuits;
  readonly stats: StatsCache;
  readonly budgets: readonly ConfiguredBudget[];
  readonly mode: BudgetMode;
  readonly onUnpriced: 'warn' | 'refuse';
  readonly limits: Readonly<Record<string, Limits>>;
  readonly defaultModel: string;
  readonly defaultMaxOutputTokens: number | undefined;
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
  /** Best first; throws why nobody may serve the call when there is none. */
  candidatesOrThrow(): readonly Candidate[];
}

/** Finds who could serve a call, asks the hard rules, lets the router rank the rest. Reads only. */
export class Planner {
  readonly #parts: PlannerParts;

  constructor(parts: PlannerParts) {
    this.#parts = parts;
  }

  async plan(call: Call): Promise<Planned> {
    const { catalog, router, routerOptions, now, defaultModel } = this.#parts;
    const reference = call.request.model ?? defaultModel;
    const entries = catalog.find(reference, call.operation);
    if (entries.length === 0) throw unknownModel(reference, catalog);
    const input = inputBound(call);
    const inputTokens = tokensOf(input.quantities);
    const considered: Candidate[] = [];
    for (const entry of entries) considered.push(await this.#candidate(call, entry, input));
    const rejected: RejectedRoute[] = [];
    const eligible = considered.filter(({ option }) => {
      const rejection = rejectionOf(option, { call, inputTokens, compliance: routerOptions.compliance ?? [] });
      if (rejection !== null) rejected.push(rejection);
      return rejection === null;
    });
    const policy = call.request.route ?? routerOptions.policy ?? 'smart';
    const ranking = router.plan(
      { operation: call.operation, request: call.request, inputTokens, policy },
      { nowMs: now(), options: eligible.map(({ option }) => option), router: routerOptions },
    );
    const plan = { candidates: ranking.candidates, rejected: [...rejected, ...ranking.rejected] };
    return { plan, policy, inputTokens, considered, candidatesOrThrow: () => chosen(plan, eligible, reference) };
  }

  async #candidate(call: Call, entry: CatalogEntry, input: InputBound): Promise<Candidate> {
    const { budgets, mode, onUnpriced, limits, circuits, stats, prices, defaultMaxOutputTokens, now } = this.#parts;
    const { provider, endpoint, manifest, target } = entry;
    const matching = matchingBudgets(budgets, call.request.tags ?? {}, target);
    const strict = isStrict(matching, mode);
    const own = await this.#inputFor(call, entry, input);
    const cost = candidateCost({ call, target, manifest, input: own, defaultMaxOutputTokens, prices, atMs: now() });
    return {
      target,
      provider,
      strict,
      budgets: matching,
      limits: limitsOf(limits, target, endpoint.rateLimits),
      option: {
        target,
        manifest,
        endpoint,
        cost,
        circuit: circuits.status(target, now()),
        stats: stats.of(target),
        mustBePriced: strict || onUnpriced === 'refuse',
      },
    };
  }

  /** A tokenizer that counts better than the generic bound is asked first, then the provider, which knows its own bill. */
  async #inputFor(call: Call, { provider, manifest, target }: CatalogEntry, input: InputBound): Promise<InputBound> {
    const counted = call.operation === 'chat' ? await this.#counted(call.request, target, input) : input;
    const { operation } = call;
    const usage = await provider.estimate?.(call.request, manifest, { operation, quantities: counted.quantities });
    if (usage === undefined || usage === null) return counted;
    const { quantities, serviceTier } = usage;
    return {
      quantities,
      unboundedReason: null,
      whole: operation !== 'chat',
      ...(serviceTier !== undefined && { serviceTier }),
    };
  }

  async #counted(request: ChatRequest, target: Target, input: InputBound): Promise<InputBound> {
    const tokenizer = this.#parts.tokenizers.find((candidate) => candidate.matches(target));
    if (tokenizer === undefined) return input;
    return { ...input, quantities: { ...input.quantities, input_token: await tokenizer.count(request) } };
  }
}

/** A router may only choose among what it was shown, and nothing twice. */
function chosen(plan: RoutePlan, eligible: readonly Candidate[], reference: string): readonly Candidate[] {
  const byKey = new Map(eligible.map((candidate) => [targetKey(candidate.target), candidate]));
  const candidates: Candidate[] = [];
  for (const { target } of plan.candidates) {
    const candidate = byKey.get(targetKey(target));
    if (candidate === undefined || !byKey.delete(targetKey(target))) continue;
    candidates.push(candidate);
  }
  if (candidates.length === 0) throw noRoute(plan.rejected, reference);
  return candidates;
}

/** One code when all candidates were refused for one reason. Endpoints without a key are not set up and say little beside other reasons. */
function noRoute(rejected: readonly RejectedRoute[], reference: string): VibeError {
  const setUp = rejected.filter(({ code }) => code !== 'auth');
  const codes = new Set((setUp.length > 0 ? setUp : rejected).map(({ code }) => code));
  const [only = 'no_route'] = codes;
  const code: ErrorCode = codes.size === 1 ? only : 'no_route';
  const reasons = rejected.map(({ target, reason }) => `${describeTarget(target)}: ${reason}`);
  const shown = reasons.slice(0, maxReasonsInMessage).join('; ') || 'The router chose none';
  const more =
    reasons.length > maxReasonsInMessage
      ? `; and ${reasons.length - maxReasonsInMessage} more (error.details.routes)`
      : '';
  const message = `No candidate may serve "${reference}"; nothing was sent. ${shown}${more}.`;
  const target: Target | undefined = (setUp[0] ?? rejected[0])?.target;
  return new VibeError(code, message, {
    target,
    retryable: code === 'circuit_open',
    details: { routes: rejected.map((route) => ({ ...route })) },
    next: nextSteps[code] ?? ['Call vibe.estimate(request) to see every candidate with its reason.'],
  });
}

const maxReasonsInMessage = 4;

const nextSteps: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  auth: ['Set the variable named above, or pass apiKey to the provider plugin.'],
  unpriced: [
    'Add a pricing plugin or a price for this model, and give maxOutputTokens.',
    'Or allow unpriced calls with mode: "best_effort".',
  ],
};

function unknownModel(reference: string, catalog: Catalog): VibeError {
  const suggestions = catalog.suggestions(reference);
  const hint = suggestions.length > 0 ? ` Did you mean ${suggestions.map((name) => `"${name}"`).join(' or ')}?` : '';
  const providers = catalog.providers.map(({ id }) => id);
  return new VibeError('no_route', `No configured provider knows the model "${reference}"; nothing was sent.${hint}`, {
    details: { model: reference, suggestions, providers },
    next: [
      ...suggestions.map((name) => `Use model: "${name}".`),
      `Write "${providers[0] ?? 'provider'}/${reference}" to send it to a provider although it is in no manifest.`,
    ],
  });
}
