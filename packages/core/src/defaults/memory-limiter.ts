import { targetKey } from '../policies/target-key.js';
import type { TargetLimitsOptions } from '../policies/target-limits.js';
import type { LimitDemand, Limiter, Limits, Permit } from '../spec/limiter.js';
import type { Target } from '../spec/target.js';
import { closedError, LocalTarget } from './local-target.js';

/** Bounds the map: more targets than a process ever has in use. */
const maxTargets = 10_000;

/** A limiter in memory that can also be told of what was let go elsewhere. */
export interface MemoryLimiter extends Limiter {
  /** Counts a request that somebody else has let go, now. The permit corrects and ends it like any other. */
  record(target: Target, demand: LimitDemand, limits: Limits): Permit;
}

/**
 * The limits of this process, kept in memory. RPM, TPM and bursts are true sliding windows, RPD a calendar day. A wait is
 * known in advance, first come first served; one timer per target wakes the first in line.
 */
export function memoryLimiter(now: () => number = Date.now, options: TargetLimitsOptions = {}): MemoryLimiter {
  const targets = new Map<string, LocalTarget>();
  let isClosed = false;
  const localTarget = (target: Target): LocalTarget => {
    const key = targetKey(target);
    let local = targets.get(key);
    if (local === undefined) {
      if (targets.size >= maxTargets) forgetOne(targets, now());
      local = new LocalTarget(target, now, options);
      targets.set(key, local);
    }
    return local;
  };
  return {
    kind: 'limiter',
    acquire: (target, demand, options) => {
      if (isClosed) return Promise.reject(closedError());
      return localTarget(target).acquire(demand, options);
    },
    record: (target, demand, limits) => localTarget(target).record(demand, limits),
    peek: async (target, options) =>
      localTarget(target).state(options?.limits ?? {}, options?.demand ?? { requests: 1, tokens: 0 }),
    learn: (target, hint) => localTarget(target).learn(hint),
    close: async () => {
      isClosed = true;
      for (const local of targets.values()) local.close();
      targets.clear();
    },
  };
}

/** The first that is not in use, otherwise the first. */
function forgetOne(targets: Map<string, LocalTarget>, nowMs: number): void {
  let victim: string | undefined;
  for (const [key, local] of targets) {
    victim ??= key;
    if (!local.limits.isIdle(nowMs)) continue;
    victim = key;
    break;
  }
  if (victim !== undefined) targets.delete(victim);
}
