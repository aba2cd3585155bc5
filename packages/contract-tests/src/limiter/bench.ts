import type { AcquireOptions, LimitDemand, Limiter, Limits, Permit, PluginInput, Target } from '@vibe/core';
import { RunningClock, TestClock } from '../clock.js';
import { refused } from '../expect.js';
import { partOf } from '../parts.js';

/** The world a limiter under test lives in. */
export interface LimiterEnvironment {
  /** Epoch milliseconds. Stands still until a test moves it; runs in the tests whose waits really have to pass. */
  now(): number;
}

export interface LimiterContractOptions {
  /** Names the limiter in the report. */
  readonly name: string;
  /** A plugin with a limiter, or the limiter itself, that has admitted nothing yet; made for one test. */
  create(environment: LimiterEnvironment): Promise<PluginInput>;
}

export const minuteMs = 60_000;

export const target: Target = {
  provider: 'acme',
  profile: 'default',
  endpoint: 'main',
  region: 'global',
  model: 'acme-1',
};

/** A call that is waiting for its permit. */
export interface Waiting {
  readonly permit: Promise<Permit>;
  readonly waitMs: number;
  readonly place: number;
}

/** What a test is given: a limiter, and the time it lives in. */
export class LimiterBench<Clock extends TestClock | RunningClock = TestClock> {
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly #calls: AbortController[] = [];

  static async open(options: LimiterContractOptions): Promise<LimiterBench> {
    const clock = new TestClock('2026-03-10T12:00:00Z');
    return new LimiterBench(partOf('limiter', await options.create({ now: clock.now }), clock.now), clock);
  }

  static async openRunning(options: LimiterContractOptions): Promise<LimiterBench<RunningClock>> {
    const clock = new RunningClock('2026-03-10T12:00:00Z');
    return new LimiterBench(partOf('limiter', await options.create({ now: clock.now }), clock.now), clock);
  }

  private constructor(limiter: Limiter, clock: Clock) {
    this.limiter = limiter;
    this.clock = clock;
  }

  /** A call that can be aborted; at the end of the test at the latest, so that no wait outlives it. */
  newCall(): AbortController {
    const call = new AbortController();
    this.#calls.push(call);
    return call;
  }

  /** A permit without waiting. Rejects with `rate_limited` when there is no room now. */
  take(limits: Limits, demand: Partial<LimitDemand> = {}, options: Partial<AcquireOptions> & TargetField = {}) {
    const { target: asked = target, signal = this.newCall().signal, ...rest } = options;
    return this.limiter.acquire(
      asked,
      { requests: 1, tokens: 0, ...demand },
      { limits, maxWaitMs: 0, ...rest, signal },
    );
  }

  /** Whether there is room now; a permit that is granted counts as used. */
  async fits(limits: Limits, demand: Partial<LimitDemand> = {}): Promise<boolean> {
    try {
      await this.take(limits, demand);
      return true;
    } catch (error) {
      await refused(Promise.reject(error), 'rate_limited');
      return false;
    }
  }

  /** When there will be room, in ms from now, as a refusal tells it. */
  async refusedFor(limits: Limits, demand: Partial<LimitDemand> = {}): Promise<number | undefined> {
    return (await refused(this.take(limits, demand), 'rate_limited')).retryAfterMs;
  }

  /** Starts to wait, and resolves as soon as the limiter has said for how long and in which place. */
  async wait(
    limits: Limits,
    demand: Partial<LimitDemand> = {},
    options: Partial<AcquireOptions> = {},
  ): Promise<Waiting> {
    let permit: Promise<Permit> | undefined;
    const told = new Promise<{ waitMs: number; place: number }>((resolve, reject) => {
      const onWait = (waitMs: number, place: number) => resolve({ waitMs, place });
      permit = this.take(limits, demand, { maxWaitMs: 10 * minuteMs, onWait, ...options });
      permit.then(() => reject(new Error('the permit was granted without a wait')), reject);
    });
    const wait = await told;
    return { ...wait, permit: permit as Promise<Permit> };
  }

  async close(): Promise<void> {
    for (const call of this.#calls) call.abort();
    await this.limiter.close();
  }
}

interface TargetField {
  readonly target?: Target;
}

/** Tests by name; each gets a limiter of its own. */
export type LimiterTheme = Readonly<Record<string, (bench: LimiterBench) => Promise<void>>>;
/** Tests in which time passes by itself. */
export type RunningLimiterTheme = Readonly<Record<string, (bench: LimiterBench<RunningClock>) => Promise<void>>>;
