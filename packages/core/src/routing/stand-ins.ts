import { describeTarget } from '../policies/target-key.js';
import type { RankedRoute, RejectedRoute, RouteOption, RoutePlan } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import { type DowngradeRules, isSameModel, type PassedOver, tierRank } from './downgrade.js';

/** What is left of a plan when a better candidate is down. */
export interface StandIns {
  readonly candidates: readonly RankedRoute[];
  /** Lesser models that may not take its place. */
  readonly refused: readonly RejectedRoute[];
  readonly passedOver: PassedOver | null;
}

export interface StandInQuestion {
  /** The candidates that are well, best first. */
  readonly candidates: readonly RankedRoute[];
  /** Every option that was considered. */
  readonly options: readonly RouteOption[];
  readonly unhealthy: readonly RejectedRoute[];
  readonly downgrade: DowngradeRules;
  rank(options: readonly RouteOption[]): RoutePlan;
}

/**
 * Something is down. When it would have been the first choice and a lesser model takes its place, that is a downgrade:
 * it must be allowed, and it is told.
 */
export function standInsOf({ candidates, options, unhealthy, downgrade, rank }: StandInQuestion): StandIns {
  const optionOf = new Map(options.map((option) => [option.target, option]));
  const standing = candidates.flatMap(({ target }) => optionOf.get(target) ?? []);
  const isStanding = new Set(standing);
  const isDown = new Set(unhealthy.map(({ target }) => target));
  // In the order of the options: a router decides by it between what it finds equally good.
  const asWell = options.flatMap((option) => {
    if (isDown.has(option.target)) return [asIfWell(option)];
    return isStanding.has(option) ? [option] : [];
  });
  const first = rank(asWell).candidates[0]?.target;
  const down = unhealthy.find(({ target }) => target === first);
  const better = down === undefined ? undefined : optionOf.get(down.target);
  const isServed = better === undefined || standing.some(({ target }) => isSameModel(target, better.target));
  if (down === undefined || better === undefined || isServed) return { candidates, refused: [], passedOver: null };
  const refused: RejectedRoute[] = [];
  const allowed = candidates.filter(({ target }) => {
    const option = optionOf.get(target);
    const isLesser = option !== undefined && tierRank[option.manifest.tier] < tierRank[better.manifest.tier];
    const reason = isLesser ? downgrade.refusal(better.target, option) : null;
    if (reason !== null) {
      const why = `it would be a downgrade from ${describeTarget(better.target)}, and ${reason}`;
      refused.push({ target, code: down.code, reason: why });
    }
    return reason === null;
  });
  const taken = optionOf.get(allowed[0]?.target as Target);
  const isDowngrade = taken !== undefined && tierRank[taken.manifest.tier] < tierRank[better.manifest.tier];
  const passedOver = isDowngrade ? { target: better.target, reason: down.reason } : null;
  return { candidates: allowed, refused, passedOver };
}

/** As it was before it went down. */
function asIfWell(option: RouteOption): RouteOption {
  const stats = option.stats === null ? null : { ...option.stats, recent: null };
  return { ...option, circuit: 'closed', reach: null, stats };
}
