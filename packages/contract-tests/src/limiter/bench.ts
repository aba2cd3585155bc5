import type { AcquireOptions, LimitDemand, Limiter, Limits, Permit, PluginInput, Target } from '@vibe/core';
import { RunningClock, TestClock } from '../clock.js';
import { present, refused } from '../expect.js';
import { partOf } from '../parts.js';

/** The world a limiter under test lives in. */
export interface LimiterEnvironment {
  /** Epoch milliseconds. */
  now(): number;
  /** True in the tests whose waits really pass, a few milliseconds each. Else time stands still until the test moves it. */
  readonly runs: boolean;
  /** Tells the new time whenever the test moves the clock, for a limiter whose clock is in another thread or place. */
  onMove(listener: (nowMs: number) => void): void;
}

/** A limiter that has admitted nothing yet, made for one test. */
export interface LimiterSubject {
  /** A plugin with a limiter, or the limiter itself. A plugin is told the environment's time. */
  readonly limiter: PluginInput;
  /**
   * Another limiter on the same store, as another process would have it. Leave it out when every limiter counts for
   * itself. The suite closes it before the first one.
   */
  another?(): Promise<PluginInput>;
  /** Removes what is left, such as files. The suite has closed the limiters before. */
  close?(): Promise<void>;
}

export interface LimiterContractOptions {
  /** Names the limiter in the report. */
  readonly name: string;
  create(environment: LimiterEnvironment): Promise<LimiterSubject>;
  /** How many calls may wait for one target; best a few, for the suite fills the line. Without it that is not tested. */
  readonly maxWaiting?: number;
  /** How long the waits take that really pass, in ms. Much longer than an answer of the limiter takes. Default 200. */
  readonly passingMs?: number;
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
  /** How long a wait takes that really passes. */
  readonly passingMs: number;
  readonly #subject: LimiterSubject;
  readonly #others: Limiter[] = [];
  readonly #calls: AbortController[] = [];

  static open(options: LimiterContractOptions): Promise<LimiterBench> {
    return LimiterBench.#open(options, new TestClock(beginning), false);
  }

  static openRunning(options: LimiterContractOptions): Promise<LimiterBench<RunningClock>> {
    return LimiterBench.#open(options, new RunningClock(beginning), true);
  }

  static async #open<Clock extends TestClock | RunningClock>(
    options: LimiterContractOptions,
    clock: Clock,
    runs: boolean,
  ): Promise<LimiterBench<Clock>> {
    const { now } = clock;
    const onMove = (listener: (nowMs: number) => void) => {
      clock.onMove = listener;
    };
    return new LimiterBench(await options.create({ now, runs, onMove }), clock, options.passingMs ?? 200);
  }

  private constructor(subject: LimiterSubject, clock: Clock, passingMs: number) {
    this.passingMs = passingMs;
    this.#subject = subject;
    this.limiter = partOf('limiter', subject.limiter, clock.now);
    this.clock = clock;
  }

  /** A second limiter on the same store. */
  async another(): Promise<Limiter> {
    const plugin = present(await this.#subject.another?.(), 'another limiter on the same store');
    const limiter = partOf('limiter', plugin, this.clock.now);
    this.#others.push(limiter);
    return limiter;
  }

  /** A call that can be aborted; at the end of the test at the latest, so that no wait outlives it. */
  newCall(): AbortController {
    const call = new AbortController();
    this.#calls.push(call);
    return call;
  }

  /** A permit without waiting. Rejects with `rate_limited` when there is no room now. */
  take(limits: Limits, demand: Partial<LimitDemand> = {}, options: Partial<AcquireOptions> & Asked = {}) {
    const { target: asked = target, limiter = this.limiter, signal = this.newCall().signal, ...rest } = options;
    return limiter.acquire(asked, { requests: 1, tokens: 0, ...demand }, { limits, maxWaitMs: 0, ...rest, signal });
  }

  /** Whether there is room now; a permit that is granted counts as used. */
  async fits(limits: Limits, demand: Partial<LimitDemand> = {}, options: Asked = {}): Promise<boolean> {
    try {
      await this.take(limits, demand, options);
      return true;
    } catch (error) {
      await refused(Promise.reject(error), 'rate_limited');
      return false;
    }
  }

  /** When there will be room, in ms from now, as a refusal tells it. */
  async refusedFor(
    limits: Limits,
    demand: Partial<LimitDemand> = {},
    options: Asked = {},
  ): Promise<number | undefined> {
    return (await refused(this.take(limits, demand, options), 'rate_limited')).retryAfterMs;
  }

  /** Starts to wait, and resolves as soon as the limiter has said for how long and in which place. */
  async wait(
    limits: Limits,
    demand: Partial<LimitDemand> = {},
    options: Partial<AcquireOptions> & Asked = {},
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
    for (const limiter of this.#others) await limiter.close();
    await this.limiter.close();
    await this.#subject.close?.();
  }
}

const beginning = '2026-03-10T12:00:00Z';

/** Of whom and for what. Default: the first limiter, and `target`. */
interface Asked {
  readonly target?: Target;
  readonly limiter?: Limiter;
}

/** Tests by name; each gets a limiter of its own. */
export type LimiterTheme = Readonly<Record<string, (bench: LimiterBench) => Promise<void>>>;
/** Tests in which time passes by itself. */
export type RunningLimiterTheme = Readonly<Record<string, (bench: LimiterBench<RunningClock>) => Promise<void>>>;
