import type { Limits } from '../spec/limiter.js';
import type { Target } from '../spec/target.js';

/**
 * The limits of a target from patterns like `*`, `qwen/*`, `qwen@sg/*`, `qwen-plus`, `qwen/qwen-plus` and
 * `qwen@sg/qwen-plus`. The more specific pattern wins, field by field: a model's `tpm` leaves the general `rpm` in force.
 */
export function limitsOf(patterns: Readonly<Record<string, Limits>>, target: Target): Limits {
  const names = [
    '*',
    `${target.provider}/*`,
    `${target.provider}@${target.endpoint}/*`,
    `${target.provider}@${target.profile}/*`,
    target.model,
    `${target.provider}/${target.model}`,
    `${target.provider}@${target.endpoint}/${target.model}`,
    `${target.provider}@${target.profile}/${target.model}`,
  ];
  let limits: Limits = {};
  for (const name of names) {
    const own = Object.hasOwn(patterns, name) ? patterns[name] : undefined;
    if (own !== undefined) limits = { ...limits, ...own };
  }
  return limits;
}
