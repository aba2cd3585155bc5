import { holdRequestOf } from '../flow/hold-request.js';
import type { Candidate } from '../flow/live-call.js';
import { tokenDemand } from '../flow/token-demand.js';
import { usdOf } from '../money/nano-usd.js';
import { budgetRef } from '../policies/budget-admission.js';
import { targetKey } from '../policies/target-key.js';
import { isUnhealthy } from '../routing/eligible.js';
import type { HealthBoard } from '../routing/health-board.js';
import type { Planned, Planner } from '../routing/planner.js';
import type { Estimate, EstimateVerdict, RouteEstimate } from '../spec/estimate.js';
import type { Ledger } from '../spec/ledger.js';
import type { Limiter } from '../spec/limiter.js';
import type { Call } from '../spec/middleware.js';
import type { NanoUsd } from '../spec/money.js';
import type { ProviderCall, WireRequest } from '../spec/provider.js';
import type { Target } from '../spec/target.js';

export interface ExplainParts {
  readonly planner: Planner;
  readonly health: HealthBoard;
  readonly ledger: Ledger;
  readonly limiter: Limiter;
}

/** A decision that was explained, and who it would fall on. */
export interface Explanation {
  readonly estimate: Estimate;
  readonly candidate: Candidate | null;
}

/** What a call would do and cost, with reasons. Sends nothing and writes nothing. */
export async function explain(parts: ExplainParts, call: Call): Promise<Explanation> {
  // What other processes have found counts for a call, so it does here.
  await Promise.all([parts.planner.refresh(), parts.health.refresh()]);
  const planned = await parts.planner.plan(call);
  const routes = routesOf(planned);
  const eligible = routes.filter((route) => route.eligible);
  const byKey = new Map(planned.considered.map((candidate) => [targetKey(candidate.target), candidate]));
  const candidates = eligible.flatMap(({ target }) => byKey.get(targetKey(target)) ?? []);
  let { verdict, candidate } = await verdictOf(parts, call, candidates);
  // As the call itself would do: a step of a downgrade takes the place of what does not fit a budget or is down, and not of
  // what a rule of the request has refused.
  if (candidate === null && (candidates.length > 0 || planned.plan.rejected.some(isUnhealthy))) {
    const stepped = await verdictOf(parts, call, (await parts.planner.steps(call)).candidates);
    if (stepped.candidate !== null) ({ verdict, candidate } = stepped);
  }
  const covered = candidate ?? candidates[0] ?? null;
  const estimate: Estimate = {
    inputTokens: planned.inputTokens,
    worstCaseUsd: usdOrNull(covered?.option.cost.worstCaseNanoUsd ?? null),
    policy: planned.policy,
    routes,
    verdict,
  };
  return { estimate, candidate: covered };
}

type Ranking = Pick<RouteEstimate, 'eligible' | 'reasons' | 'score' | 'scoreParts'>;

/** Ranked candidates first, then the refused ones. */
function routesOf({ plan, considered }: Planned): readonly RouteEstimate[] {
  const byKey = new Map(considered.map((candidate) => [targetKey(candidate.target), candidate]));
  const described = (target: Target, ranking: Ranking): RouteEstimate => {
    const cost = byKey.get(targetKey(target))?.option.cost;
    return {
      target,
      estimatedUsd: usdOrNull(cost?.estimatedNanoUsd ?? null),
      worstCaseUsd: usdOrNull(cost?.worstCaseNanoUsd ?? null),
      ...ranking,
    };
  };
  return [
    ...plan.candidates.map(({ target, score, scoreParts }) =>
      described(target, { eligible: true, reasons: [], score, scoreParts }),
    ),
    ...plan.rejected.map(({ target, reason }) =>
      described(target, { eligible: false, reasons: [reason], score: null, scoreParts: {} }),
    ),
  ];
}

/** The first candidate whose worst case fits every budget, as the hold would choose it. */
async function verdictOf(
  parts: ExplainParts,
  call: Call,
  candidates: readonly Candidate[],
): Promise<{ verdict: EstimateVerdict; candidate: Candidate | null }> {
  let refused: EstimateVerdict | null = null;
  const [best] = candidates;
  for (const candidate of candidates) {
    if (best !== undefined && candidate !== best && !parts.planner.mayReplace(best, candidate)) continue;
    const { allowed, refusal } = await parts.ledger.check(holdRequestOf(call, candidate));
    const demand = { requests: 1, tokens: tokenDemand(call, candidate) };
    const { nextFreeInMs: limiterWaitMs } = await parts.limiter.peek(candidate.target, {
      limits: candidate.limits,
      demand,
    });
    if (allowed) return { verdict: { allowed, limiterWaitMs }, candidate };
    if (refusal !== null) {
      refused ??= {
        allowed,
        refusedBy: budgetRef(refusal.budget),
        shortfallUsd: usdOf(refusal.shortfallNanoUsd),
        limiterWaitMs,
      };
    }
  }
  return { verdict: refused ?? { allowed: false, limiterWaitMs: 0 }, candidate: null };
}

/** The exact request the candidate would send; null where its provider cannot describe it. */
export function wireOf(call: Call, candidate: Candidate, connectMs: number): WireRequest | null {
  const { provider, option } = candidate;
  if (provider.describe === undefined) return null;
  const { maxOutputTokens } = option.cost;
  const request =
    call.operation === 'chat' && maxOutputTokens !== null ? { ...call.request, maxOutputTokens } : call.request;
  return provider.describe({
    operation: call.operation,
    request,
    endpoint: option.endpoint,
    model: option.manifest,
    incremental: call.incremental,
    signal: call.signal,
    timeout: { connectMs },
  } as ProviderCall);
}

function usdOrNull(nanoUsd: NanoUsd | null): number | null {
  return nanoUsd === null ? null : usdOf(nanoUsd);
}
