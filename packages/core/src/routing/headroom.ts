import { tokensOf } from '../money/usage.js';
import { ageMs } from '../policies/age.js';
import { closedUntilMs } from '../policies/closed-until.js';
import { targetKey } from '../policies/target-key.js';
import type { Limiter, LimitHint, LimitState, Limits } from '../spec/limiter.js';
import type { Headroom } from '../spec/router.js';
import type { Target } from '../spec/target.js';
import type { Quantities } from '../spec/usage.js';

/** How old the state of a limiter may be. */
const maxAgeMs = 250;
/** A limiter that counts a long log takes its time: it is asked so much more seldom that this takes a 50th of it. */
const restPerMs = 50;
/** But not longer than this: a clock may have been set forward, or a machine have slept, while it counted. */
const maxRestMs = 60_000;
/** Bounds the map: more targets than a process ever has in use. */
const maxTargets = 10_000;

interface Known {
  headroom: Headroom | null;
  askedAtMs: number;
  maxAgeMs: number;
}

interface Hinted {
  readonly times: number;
  readonly untilMs: number;
}

/**
 * What is left of the rate limits of each target, a moment old and never waited for: a call uses what is there. Asked for
 * are only targets that have limits, or that a provider has closed with a 429.
 */
export class HeadroomCache {
  readonly #limiter: Limiter;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #hints = new Map<string, Hinted>();

  constructor(limiter: Limiter, now: () => number) {
    this.#limiter = limiter;
    this.#now = now;
  }

  /** `key` is the target's own, `quantities` what the call would use; null: nothing is known, or nothing limits it. */
  of(target: Target, key: string, limits: Limits, quantities: Quantities, nowMs: number): Headroom | null {
    let known = this.#known.get(key);
    if (known === undefined) {
      if (!isLimited(limits)) return null;
      known = this.#watch(key);
    }
    if (ageMs(known.askedAtMs, nowMs) >= known.maxAgeMs) this.#ask(known, target, limits, tokensOf(quantities), nowMs);
    return known.headroom;
  }

  /** A provider has said that a target has no room: from now on it is looked at, whether it has limits of ours or not. */
  learned(target: Target, hint: LimitHint): void {
    const key = targetKey(target);
    if (this.#hints.size >= maxTargets) this.#hints.clear();
    this.#hints.set(key, { times: this.hintsOf(target) + 1, untilMs: closedUntilMs(hint, this.#now()) });
    this.#watch(key);
  }

  /** How often it has said so to this process. */
  hintsOf(target: Target): number {
    return this.#hints.get(targetKey(target))?.times ?? 0;
  }

  /** Whether it has said so since there were `hints`, and the time it named is not over: a permit asked for then is too old. */
  isClosedSince(target: Target, hints: number): boolean {
    const hinted = this.#hints.get(targetKey(target));
    return hinted !== undefined && hinted.times !== hints && hinted.untilMs > this.#now();
  }

  #watch(key: string): Known {
    let known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= maxTargets) this.#known.clear();
    known = { headroom: null, askedAtMs: Number.NEGATIVE_INFINITY, maxAgeMs };
    this.#known.set(key, known);
    return known;
  }

  #ask(known: Known, target: Target, limits: Limits, tokens: number, nowMs: number): void {
    known.askedAtMs = nowMs;
    known.maxAgeMs = Number.POSITIVE_INFINITY;
    const peeking = this.#limiter.peek(target, { limits, demand: { requests: 1, tokens } });
    peeking
      .then((state) => {
        known.headroom = headroomOf(state, limits);
        known.maxAgeMs = Math.min(maxRestMs, Math.max(maxAgeMs, restPerMs * (this.#now() - nowMs)));
      })
      // What is not known, or makes no sense, keeps nobody away.
      .catch(() => {
        known.headroom = null;
        known.maxAgeMs = maxAgeMs;
      });
  }
}

function isLimited({ rpm, tpm, rpd, concurrency }: Limits): boolean {
  return rpm !== undefined || tpm !== undefined || rpd !== undefined || concurrency !== undefined;
}

function headroomOf(state: LimitState, { rpm, tpm, rpd, concurrency }: Limits): Headroom {
  const used = Math.max(
    share(state.requestsInMinute, rpm),
    share(state.tokensInMinute, tpm),
    share(state.requestsToday, rpd),
    share(state.inFlight + state.waiting, concurrency),
  );
  return { freeShare: Math.max(0, 1 - used), waitMs: state.nextFreeInMs };
}

function share(used: number, limit: number | undefined): number {
  return limit === undefined ? 0 : used / limit;
}
