import type { ModelManifest } from '../spec/provider.js';
import type { RouterOptions } from '../spec/router.js';
import type { Target, Tier } from '../spec/target.js';

/** A better candidate that was passed over. */
export interface PassedOver {
  readonly target: Target;
  /** Why, as a sentence for people. */
  readonly reason: string;
}

/** A model at a place, as far as a downgrade looks at it. */
export interface Step {
  readonly target: Target;
  readonly manifest: Pick<ModelManifest, 'tier'>;
}

export const tierRank: Readonly<Record<Tier, number>> = { economy: 0, standard: 1, premium: 2 };

/** Which lesser models may stand in for a better one: `router.downgrade`. Another endpoint of the same model is no lesser one. */
export class DowngradeRules {
  readonly allow: boolean;
  readonly #minTier: Tier | undefined;
  readonly steps: readonly string[] | undefined;

  constructor({ downgrade: { allow = true, minTier, steps } = {} }: RouterOptions) {
    this.allow = allow;
    this.#minTier = minTier;
    this.steps = steps;
  }

  /** Why `to` may not stand in for `from`; null when it may. */
  refusal(from: Target, { target, manifest: { tier } }: Step): string | null {
    if (isSameModel(from, target)) return null;
    if (!this.allow) return 'router.downgrade.allow is false';
    if (this.#minTier !== undefined && tierRank[tier] < tierRank[this.#minTier])
      return `its tier is ${tier}, router.downgrade.minTier is ${this.#minTier}`;
    if (this.steps !== undefined && !this.steps.some((step) => namesTarget(step, target)))
      return 'it is not among router.downgrade.steps';
    return null;
  }
}

export function isSameModel(left: Target, right: Target): boolean {
  return left.model === right.model && left.provider === right.provider;
}

/** Whether a model reference stands for a target: `qwen-plus`, `qwen/qwen-plus`, `qwen@sg/qwen-plus`. */
export function namesTarget(reference: string, { provider, profile, endpoint, model }: Target): boolean {
  return (
    reference === model ||
    reference === `${provider}/${model}` ||
    reference === `${provider}@${endpoint}/${model}` ||
    reference === `${provider}@${profile}/${model}`
  );
}
