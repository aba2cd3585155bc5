import type { Target } from '../spec/target.js';

/** Identity of a target as text: `qwen:default@cn/qwen-plus`. Used for circuits, limits and deduplication. */
export function targetKey(target: Target): string {
  return namesOf(target).key;
}

/** A target for people: `qwen-plus @ qwen/cn`, with the profile where it is not the default. */
export function describeTarget(target: Target): string {
  return namesOf(target).description;
}

interface Names {
  readonly key: string;
  readonly description: string;
}

/** The targets of a client live as long as it, and are named several times in every call. */
const known = new WeakMap<Target, Names>();

function namesOf(target: Target): Names {
  let names = known.get(target);
  if (names === undefined) {
    const { provider, profile, endpoint, model } = target;
    names = {
      key: `${provider}:${profile}@${endpoint}/${model}`,
      description: `${model} @ ${provider}${profile === 'default' ? '' : `:${profile}`}/${endpoint}`,
    };
    known.set(target, names);
  }
  return names;
}
