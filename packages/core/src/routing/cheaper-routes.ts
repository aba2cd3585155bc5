import { VibeError } from '../errors/vibe-error.js';
import { holdRequestOf } from '../flow/hold-request.js';
import type { Candidate, LiveCall } from '../flow/live-call.js';
import { usdOf } from '../money/nano-usd.js';
import { describeTarget } from '../policies/target-key.js';
import type { BudgetRef } from '../spec/budget.js';
import type { Ledger } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import type { Target } from '../spec/target.js';
import type { Planner } from './planner.js';

/** Routes that are asked for at most, cheapest first, and that are told. */
const maxAsked = 8;
const maxTold = 3;

/** A budget that has refused a worst case, as the refusal names it. */
export interface BudgetRefused {
  readonly budget: BudgetRef | undefined;
  readonly nanoUsd: NanoUsd;
}

/** What the budgets have refused, and what the rules of downgrades have. */
export interface Refused {
  /** Of the first candidate: what the caller should hear. */
  error: VibeError | null;
  /** The cheapest worst case that did not fit. */
  nanoUsd: NanoUsd;
  readonly by: BudgetRefused[];
  readonly notAllowed: { readonly target: Target; readonly reason: string }[];
}

/** The refusal with the routes that would have fitted, whatever model was asked for: `details.cheaperRoutes` and `next`. */
export async function withCheaperRoutes(
  parts: RouteParts,
  call: LiveCall,
  { error, nanoUsd, notAllowed }: Refused,
): Promise<VibeError> {
  if (error === null) return notAllowedAtAll(notAllowed);
  // Without an answer the refusal stands without advice.
  const fitting = await fittingRoutes(parts, call, nanoUsd).catch(() => []);
  const cheaperRoutes = fitting.map(({ target, option }) => ({
    model: `${target.provider}@${target.endpoint}/${target.model}`,
    worstCaseUsd: usdOf(option.cost.worstCaseNanoUsd ?? 0),
  }));
  const [first] = cheaperRoutes;
  const advice = [
    ...(first === undefined ? [] : [`Use model: "${first.model}", whose worst case fits.`]),
    ...notAllowed
      .slice(0, maxTold)
      .map(({ target, reason }) => `${describeTarget(target)} may not stand in: ${reason}.`),
  ];
  const { message, target, cause, details, next } = error;
  return new VibeError('budget_exceeded', message, {
    target,
    cause,
    details: { ...details, cheaperRoutes, ...(notAllowed.length > 0 && { downgrades: notAllowed }) },
    next: [...advice, ...next],
  });
}

/** Every candidate is a lesser one than the best, which is down, and none may take its place. */
function notAllowedAtAll(notAllowed: Refused['notAllowed']): VibeError {
  return new VibeError('no_route', 'No candidate may serve the call; nothing was sent.', {
    details: { downgrades: notAllowed },
    next: ['Call vibe.estimate(request) to see every candidate with its reason.'],
  });
}

interface RouteParts {
  readonly planner: Planner;
  readonly ledger: Ledger;
}

async function fittingRoutes(
  { planner, ledger }: RouteParts,
  call: LiveCall,
  refusedNanoUsd: NanoUsd,
): Promise<readonly Candidate[]> {
  const request = { ...call.request, model: 'auto', countTokens: false };
  const planned = await planner.plan({ ...call, request } as LiveCall, false);
  const cheaper = planned
    .candidatesOrThrow()
    .filter(({ option }) => (option.cost.worstCaseNanoUsd ?? Number.POSITIVE_INFINITY) < refusedNanoUsd)
    .sort((left, right) => (left.option.cost.worstCaseNanoUsd ?? 0) - (right.option.cost.worstCaseNanoUsd ?? 0))
    .slice(0, maxAsked);
  const fitting: Candidate[] = [];
  for (const candidate of cheaper) {
    if (fitting.length === maxTold) break;
    if ((await ledger.check(holdRequestOf(call, candidate))).allowed) fitting.push(candidate);
  }
  return fitting;
}
