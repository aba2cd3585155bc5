import type { BurstLimits, Limits } from '../spec/limiter.js';
import type { RateEnforcement } from '../spec/provider.js';
import type { Target } from '../spec/target.js';

/**
 * The limits of a target from patterns like `*`, `qwen/*`, `qwen@sg/*`, `qwen-plus`, `qwen/qwen-plus` and
 * `qwen@sg/qwen-plus`. The more specific pattern wins, field by field: a model's `tpm` leaves the general `rpm` in force.
 * What the endpoint declares about days and bursts fills in what the user left out.
 */
export function limitsOf(
  patterns: Readonly<Record<string, Limits>>,
  target: Target,
  enforced: RateEnforcement = {},
): Limits {
  let limits: Limits = {};
  for (const name of patternsOf(target)) {
    const own = Object.hasOwn(patterns, name) ? patterns[name] : undefined;
    if (own !== undefined) limits = { ...limits, ...own };
  }
  const { rpdTimezone = enforced.rpdTimezone, burst = burstOf(limits, enforced) } = limits;
  return {
    ...limits,
    ...(rpdTimezone === undefined ? {} : { rpdTimezone }),
    ...(burst === undefined ? {} : { burst }),
  };
}

/**
 * The patterns that match no target at all: probably misspelt, so that they limit nothing. A known model at a known place
 * is none, although it is not served there: layers of a configuration are merged without knowing who serves what.
 */
export function patternsOfNobody(patterns: readonly string[], targets: readonly Target[]): string[] {
  const known = new Set(['*', ...targets.flatMap(patternsOf)]);
  const isKnown = (pattern: string) => {
    const [place = '', ...model] = pattern.split('/');
    return known.has(pattern) || (known.has(`${place}/*`) && known.has(model.join('/')));
  };
  return patterns.filter((pattern) => !isKnown(pattern));
}

/** Every pattern that a target matches, the most specific last. */
export function patternsOf({ provider, profile, endpoint, model }: Target): readonly string[] {
  return [
    '*',
    `${provider}/*`,
    `${provider}@${endpoint}/*`,
    `${provider}@${profile}/*`,
    model,
    `${provider}/${model}`,
    `${provider}@${endpoint}/${model}`,
    `${provider}@${profile}/${model}`,
  ];
}

/** 0.07 of 100 is 7.000000000000001, and 0.29 of 100 is 28.999999999999996. */
const rounding = 1e-9;

/**
 * The share of the limits per minute that the service allows in its short window. Where that is not even one request,
 * the service cannot mean it: small limits are counted by the minute.
 */
function burstOf({ rpm, tpm }: Limits, { burst }: RateEnforcement): BurstLimits | undefined {
  if (burst === undefined) return undefined;
  const share = (limit: number | undefined) => (limit === undefined ? 0 : Math.floor(limit * burst.share + rounding));
  const [requests, tokens] = [share(rpm), share(tpm)];
  if (requests === 0 && tokens === 0) return undefined;
  const { windowMs } = burst;
  return { windowMs, ...(requests === 0 ? {} : { requests }), ...(tokens === 0 ? {} : { tokens }) };
}
