import {
  type AcquireOptions,
  type LimitDemand,
  type Limiter,
  memoryLimiter,
  type Permit,
  type Target,
} from '@vibe/core';
import type { LimiterEnvironment } from '../src/index.js';
import { looseLimiter } from './loose-limiter.js';

/** A limiter that is wrong on purpose. */
export interface LimiterMutant {
  /** The test that must catch it. */
  readonly caughtBy: string;
  readonly create: (environment: LimiterEnvironment) => Limiter;
}

const changed = (caughtBy: string, change: (limiter: Limiter) => Partial<Limiter>): LimiterMutant => ({
  caughtBy,
  create: ({ now }) => {
    const limiter = memoryLimiter(now);
    return { ...limiter, ...change(limiter) };
  },
});

type Ask = readonly [target: Target, demand: LimitDemand, options: AcquireOptions];

/** Rewrites what is asked. */
const asking = (caughtBy: string, rewrite: (...ask: Ask) => Ask) =>
  changed(caughtBy, (limiter) => ({ acquire: (...ask) => limiter.acquire(...rewrite(...ask)) }));

/** Rewrites what is granted. */
const granting = (caughtBy: string, rewrite: (permit: Permit) => Permit) =>
  changed(caughtBy, (limiter) => ({ acquire: async (...ask) => rewrite(await limiter.acquire(...ask)) }));

const patient = (options: AcquireOptions): AcquireOptions => ({ ...options, maxWaitMs: 3_600_000 });

export const limiterMutants: Readonly<Record<string, LimiterMutant>> = {
  'counts by the minute of the clock': {
    caughtBy: 'never lets more requests than the limit into any true minute',
    create: ({ now }) => looseLimiter(now, { fixedWindow: true }),
  },
  'counts what it refused': {
    caughtBy: 'does not count what it refused',
    create: ({ now }) => looseLimiter(now, { countsRefused: true }),
  },
  'forgets the weight of a request': asking('counts tokens by their weight', (target, demand, options) => [
    target,
    { ...demand, tokens: Math.min(1, demand.tokens) },
    options,
  ]),
  'forgets the tokens per minute': asking(
    'never lets more tokens than the limit into any true minute',
    (target, demand, { limits: { tpm: _, ...limits }, ...options }) => [target, demand, { ...options, limits }],
  ),
  'forgets the requests per day': asking(
    'counts requests per day by the calendar of their zone',
    (target, demand, { limits: { rpd: _, ...limits }, ...options }) => [target, demand, { ...options, limits }],
  ),
  'counts days in UTC': asking(
    'counts requests per day by the calendar of their zone',
    (target, demand, { limits: { rpdTimezone: _, ...limits }, ...options }) => [target, demand, { ...options, limits }],
  ),
  'forgets the requests in flight': asking(
    'bounds the requests in flight',
    (target, demand, { limits: { concurrency: _, ...limits }, ...options }) => [target, demand, { ...options, limits }],
  ),
  'counts all targets together': asking('counts every target apart', (target, demand, options) => [
    { ...target, provider: 'all', profile: 'all', endpoint: 'all', model: 'all' },
    demand,
    options,
  ]),
  'waits longer than it may': asking(
    'refuses at once what would wait longer than it may, and takes nothing for it',
    (target, demand, options) => [target, demand, patient(options)],
  ),
  'does not hear the signal': asking(
    'ends a wait with its signal, and leaves no trace of it',
    (target, demand, options) => [target, demand, { ...options, signal: new AbortController().signal }],
  ),
  'does not say how long it waits': asking(
    'says in advance how long each one will wait, and in which place',
    (target, demand, { onWait, ...options }) => [
      target,
      demand,
      onWait === undefined ? options : { ...options, onWait: () => onWait(0, 0) },
    ],
  ),
  'leaves a listener on the signal': changed(
    'leaves no listener on the signal of a call that it admits or refuses',
    (limiter) => ({
      acquire(...ask) {
        ask[2].signal.addEventListener('abort', () => undefined);
        return limiter.acquire(...ask);
      },
    }),
  ),
  'lets small requests pass large ones': changed(
    'grants permits in the order in which they were asked for, also to those who ask for little',
    (limiter) => {
      const large: (() => void)[] = [];
      return {
        async acquire(...ask) {
          const permit = await limiter.acquire(...ask);
          if (ask[1].tokens > 50 && permit.waitedMs > 0) await new Promise<void>((resolve) => large.push(resolve));
          else for (const resolve of large.splice(0)) setImmediate(resolve);
          return permit;
        },
      };
    },
  ),
  'does not correct its estimates': granting('frees at once what was estimated too high', (permit) => ({
    ...permit,
    correct: () => undefined,
  })),
  'corrects its estimates only downwards': changed(
    'counts what was estimated too low, from the time of the request',
    (limiter) => ({
      async acquire(...ask) {
        const permit = await limiter.acquire(...ask);
        return { ...permit, correct: (tokens) => permit.correct(Math.min(tokens, ask[1].tokens)) };
      },
    }),
  ),
  'keeps what was never sent': granting('gives a request that was never sent back, whole and once', (permit) => ({
    ...permit,
    release: () => permit.release({ dispatched: true }),
  })),
  'gives back what was sent': granting('keeps counting a request that was sent', (permit) => ({
    ...permit,
    release: () => permit.release({ dispatched: false }),
  })),
  'keeps the slot of a request that has ended': granting('bounds the requests in flight', (permit) => ({
    ...permit,
    release: () => undefined,
  })),
  'does not learn': changed('keeps a target closed for as long as its provider said', () => ({
    learn: () => undefined,
  })),
  'learns for all targets': changed('leaves other targets open', (limiter) => ({
    learn(target, hint) {
      for (const model of ['acme-1', 'acme-2']) limiter.learn({ ...target, model }, hint);
    },
  })),
  'learns nothing without a hint': changed('pauses for a while when the provider gave no hint', (limiter) => ({
    learn: (target, hint) => (hint.retryAfterMs === null ? undefined : limiter.learn(target, hint)),
  })),
  'uses what it is asked to show': changed(
    'shows what is used and when there is room, without using any of it',
    (limiter) => ({
      async peek(target, options) {
        if (options !== undefined) {
          const { signal } = new AbortController();
          await limiter.acquire(target, options.demand, { ...options, maxWaitMs: 0, signal }).catch(() => undefined);
        }
        return limiter.peek(target, options);
      },
    }),
  ),
};
