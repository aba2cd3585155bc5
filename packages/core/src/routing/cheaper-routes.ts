import { VibeError } from '../errors/vibe-error.js';
import { holdRequestOf } from '../flow/hold-request.js';
import type { Candidate, LiveCall } from '../flow/live-call.js';
import { usdOf } from '../money/nano-usd.js';
import type { Ledger } from '../spec/ledger.js';
import type { NanoUsd } from '../spec/money.js';
import type { Planner } from './planner.js';

/** Routes that are asked for at most, cheapest first, and that are told. */
const maxAsked = 8;
const maxTold = 3;

/** The refusal with the routes that would have fitted, whatever model was asked for: `details.cheaperRoutes` and `next`. */
export async function withCheaperRoutes(
  parts: RouteParts,
  call: LiveCall,
  refusal: VibeError,
  refusedNanoUsd: NanoUsd,
): Promise<VibeError> {
  // Without an answer the refusal stands without advice.
  const fitting = await fittingRoutes(parts, call, refusedNanoUsd).catch(() => []);
  const cheaperRoutes = fitting.map(({ target, option }) => ({
    model: `${target.provider}@${target.endpoint}/${target.model}`,
    worstCaseUsd: usdOf(option.cost.worstCaseNanoUsd ?? 0),
  }));
  const [first] = cheaperRoutes;
  const advice = first === undefined ? [] : [`Use model: "${first.model}", whose worst case fits.`];
  const { message, target, cause, details, next } = refusal;
  return new VibeError('budget_exceeded', message, {
    target,
    cause,
    details: { ...details, cheaperRoutes },
    next: [...advice, ...next],
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
  const request = { ...call.request, model: 'auto' };
  const planned = await planner.plan({ ...call, request } as LiveCall);
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
