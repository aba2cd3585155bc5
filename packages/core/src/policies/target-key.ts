import type { Target } from '../spec/target.js';

/** Identity of a target as text: `qwen:default@cn/qwen-plus`. Used for circuits, limits and deduplication. */
export function targetKey(target: Target): string {
  return `${target.provider}:${target.profile}@${target.endpoint}/${target.model}`;
}

/** A target for people: `qwen-plus @ qwen/cn`, with the profile where it is not the default. */
export function describeTarget(target: Target): string {
  const profile = target.profile === 'default' ? '' : `:${target.profile}`;
  return `${target.model} @ ${target.provider}${profile}/${target.endpoint}`;
}
