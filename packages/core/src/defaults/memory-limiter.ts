import { VibeError } from '../errors/vibe-error.js';
import { throwIfAborted } from '../flow/abort.js';
import { sleep } from '../flow/sleep.js';
import { DayCounts } from '../policies/day-counts.js';
import { type LogEntry, SlidingLog } from '../policies/sliding-log.js';
import { describeTarget, targetKey } from '../policies/target-key.js';
import type { AcquireOptions, LimitDemand, Limiter, LimitHint, LimitState, Limits, Permit } from '../spec/limiter.js';
import type { Target } from '../spec/target.js';
import { Slots } from './slots.js';

const minuteMs = 60_000;
/** A 429 without a hint closes the target for this long. */
const unhintedPauseMs = 1_000;
/** Bounds the map: more targets than a process ever has in use. */
const maxTargets = 10_000;

/** The limits of this process, kept in memory. RPM and TPM are true sliding windows, RPD a calendar day. */
export function memoryLimiter(now: () => number = Date.now): Limiter {
  const targets = new Map<string, TargetUse>();
  const useOf = (target: Target): TargetUse => {
    const key = targetKey(target);
    let use = targets.get(key);
    if (use === undefined) {
      if (targets.size >= maxTargets) targets.clear();
      use = new TargetUse(target);
      targets.set(key, use);
    }
    return use;
  };
  return {
    kind: 'limiter',
    acquire: (target, demand, options) => useOf(target).acquire(demand, options, now),
    peek: async (target, options) =>
      useOf(target).state(options?.limits ?? {}, options?.demand ?? { requests: 1, tokens: 0 }, now()),
    learn: (target, hint) => useOf(target).learn(hint, now()),
    close: async () => targets.clear(),
  };
}

/** What is used of one target's limits. */
class TargetUse {
  readonly #target: Target;
  readonly #requests = new SlidingLog(minuteMs);
  readonly #tokens = new SlidingLog(minuteMs);
  readonly #slots = new Slots();
  readonly #days = new DayCounts();
  #blockedUntilMs = 0;
  #waiting = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Reserves the earliest time at which the demand fits and waits for it; refuses at once what would wait too long. */
  async acquire(demand: LimitDemand, options: AcquireOptions, now: () => number): Promise<Permit> {
    throwIfAborted(options.signal);
    const { limits, maxWaitMs, signal } = options;
    const askedAtMs = now();
    const waitMs = this.#waitMs(demand, limits, askedAtMs);
    if (waitMs > maxWaitMs) throw refused(this.#target, waitMs, maxWaitMs);
    const reserved = this.#reserve(demand, limits, askedAtMs + waitMs, askedAtMs);
    this.#waiting++;
    try {
      if (waitMs > 0) {
        options.onWait?.(waitMs, this.#waiting - 1);
        await sleep(waitMs, signal);
      }
      await this.#slots.take(limits.concurrency, {
        signal,
        maxWaitMs: maxWaitMs - waitMs,
        onWait: options.onWait,
        target: this.#target,
      });
    } catch (error) {
      reserved.giveBack();
      throw error;
    } finally {
      this.#waiting--;
    }
    return this.#permit(reserved, now() - askedAtMs);
  }

  state(limits: Limits, demand: LimitDemand, nowMs: number): LimitState {
    const waitMs = this.#waitMs(demand, limits, nowMs);
    return {
      target: this.#target,
      requestsInMinute: this.#requests.used(nowMs),
      tokensInMinute: this.#tokens.used(nowMs),
      requestsToday: this.#days.used(zoneOf(limits), nowMs),
      inFlight: this.#slots.taken,
      waiting: this.#waiting,
      blockedUntilMs: this.#blockedUntilMs > nowMs ? this.#blockedUntilMs : null,
      nextFreeInMs: waitMs,
    };
  }

  learn(hint: LimitHint, nowMs: number): void {
    const pauseMs = hint.retryAfterMs ?? unhintedPauseMs;
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, nowMs + pauseMs);
  }

  /** Infinity when the demand can never fit. */
  #waitMs(demand: LimitDemand, limits: Limits, nowMs: number): number {
    let atMs = Math.max(nowMs, this.#blockedUntilMs);
    if (limits.rpm !== undefined)
      atMs = Math.max(atMs, this.#requests.earliestMs(demand.requests, limits.rpm, nowMs) ?? Infinity);
    if (limits.tpm !== undefined)
      atMs = Math.max(atMs, this.#tokens.earliestMs(demand.tokens, limits.tpm, nowMs) ?? Infinity);
    if (limits.rpd !== undefined) atMs = this.#days.earliestMs(demand.requests, limits.rpd, zoneOf(limits), atMs);
    return atMs - nowMs;
  }

  #reserve(demand: LimitDemand, limits: Limits, atMs: number, nowMs: number): Reservation {
    const requests = limits.rpm === undefined ? null : this.#requests.admit(demand.requests, atMs);
    const tokens = limits.tpm === undefined ? null : this.#tokens.admit(demand.tokens, atMs);
    const takeBackDay =
      limits.rpd === undefined ? null : this.#days.admit(demand.requests, zoneOf(limits), atMs, nowMs);
    return {
      tokens,
      giveBack: () => {
        if (requests !== null) this.#requests.correct(requests, 0);
        if (tokens !== null) this.#tokens.correct(tokens, 0);
        takeBackDay?.();
      },
    };
  }

  #permit(reserved: Reservation, waitedMs: number): Permit {
    let released = false;
    let corrected = false;
    return {
      waitedMs,
      correct: (tokens) => {
        corrected = true;
        if (reserved.tokens !== null) this.#tokens.correct(reserved.tokens, tokens);
      },
      release: (outcome) => {
        if (released) return;
        released = true;
        this.#slots.free();
        if (!(outcome?.dispatched ?? corrected)) reserved.giveBack();
      },
    };
  }
}

interface Reservation {
  readonly tokens: LogEntry | null;
  giveBack(): void;
}

function zoneOf(limits: Limits): string {
  return limits.rpdTimezone ?? 'UTC';
}

export function refused(target: Target, waitMs: number, maxWaitMs: number): VibeError {
  const never = !Number.isFinite(waitMs);
  const wait = never
    ? 'the request is larger than the whole limit'
    : `the next free slot is in ${Math.ceil(waitMs)} ms`;
  const message = `The rate limit of ${describeTarget(target)} leaves no room: ${wait}, this call may wait ${Math.max(0, Math.floor(maxWaitMs))} ms. Nothing was sent.`;
  return new VibeError('rate_limited', message, {
    target,
    retryable: !never,
    ...(never ? {} : { retryAfterMs: Math.ceil(waitMs) }),
    details: { waitMs: never ? null : waitMs, maxWaitMs },
    next: never
      ? ['Send less, or raise the limit in `limits`.']
      : ['Raise maxWaitMs, or allow another model or endpoint.'],
  });
}
