import { VibeError } from '../errors/vibe-error.js';
import type { Call } from '../spec/middleware.js';
import type { Policy } from '../spec/request.js';
import type { RejectedRoute, RouteOption, RoutePlan, Router, RouterOptions } from '../spec/router.js';
import type { Considered } from './considered.js';
import type { DowngradeRules, PassedOver } from './downgrade.js';
import { eligibilityQuestion, isUnhealthy, rejectionOf } from './eligible.js';
import { standInsOf } from './stand-ins.js';

export interface RankingParts {
  readonly router: Router;
  readonly routerOptions: RouterOptions;
  readonly downgrade: DowngradeRules;
}

/** A call whose candidates are to be ranked. */
export interface RankingQuestion {
  readonly call: Call;
  readonly nowMs: number;
  /** The model that was asked for. */
  readonly reference: string;
  readonly considered: readonly Considered[];
  readonly inputTokens: number;
  readonly outputShare: number | null;
  readonly exploration: number | null;
  /** Told of each candidate that may serve the call now, or could at another time. */
  want(candidate: Considered): void;
}

/** Who may serve a call, best first. */
export interface Ranking {
  readonly plan: RoutePlan;
  readonly policy: Policy;
  readonly eligible: readonly Considered[];
  readonly passedOver: PassedOver | null;
}

/** Asks the hard rules, lets the router rank the rest, and looks for stand-ins where something is down. */
export function ranking({ router, routerOptions, downgrade }: RankingParts, question: RankingQuestion): Ranking {
  const { call, nowMs, considered, inputTokens, outputShare } = question;
  const rejected: RejectedRoute[] = [];
  const eligible: Considered[] = [];
  const options: RouteOption[] = [];
  const eligibility = eligibilityQuestion(call, inputTokens, question.reference, routerOptions);
  for (const candidate of considered) {
    const rejection = rejectionOf(candidate.option, eligibility);
    if (rejection === null || isUnhealthy(rejection)) question.want(candidate);
    if (rejection !== null) {
      rejected.push(rejection);
      continue;
    }
    eligible.push(candidate);
    options.push(candidate.option);
  }
  const policy = call.request.route ?? routerOptions.policy ?? 'smart';
  const request = { operation: call.operation, request: call.request, inputTokens, policy };
  const rank = (of: readonly RouteOption[], exploration: number | null) =>
    whole(router.plan(request, { nowMs, options: of, router: routerOptions, outputShare, exploration }));
  const ranked = rank(options, question.exploration);
  const unhealthy = rejected.filter(isUnhealthy);
  const { candidates, refused, passedOver } =
    unhealthy.length === 0 || ranked.candidates.length === 0
      ? { candidates: ranked.candidates, refused: [], passedOver: null }
      : standInsOf({
          candidates: ranked.candidates,
          options: considered.map(({ option }) => option),
          unhealthy,
          downgrade,
          rank: (of) => rank(of, null),
        });
  const all = refused.length + ranked.rejected.length;
  const plan = { candidates, rejected: all === 0 ? rejected : [...rejected, ...ranked.rejected, ...refused] };
  return { plan, policy, eligible, passedOver };
}

/** A router is a plugin, and may be written in plain JavaScript. */
function whole(plan: RoutePlan): RoutePlan {
  if (Array.isArray(plan?.candidates) && Array.isArray(plan.rejected)) return plan;
  throw new VibeError('internal', 'The router returned no plan: candidates and rejected must both be lists.', {
    next: ['Return { candidates: [], rejected: [] } from `plan` where it has nothing to say.'],
  });
}
