import { type AcquireOptions, type LimitDemand, memoryLimiter, type Permit, type Target, VibeError } from '@vibe/core';
import { looseLimiter } from '../loose-limiter.js';
import { changed, type LimiterMutants, maxWaiting } from './mutant.js';
import { sharingMutants } from './sharing.js';

type Ask = readonly [target: Target, demand: LimitDemand, options: AcquireOptions];

/** Rewrites what is asked. */
const asking = (caughtBy: string, rewrite: (...ask: Ask) => Ask) =>
  changed(caughtBy, (limiter) => ({ acquire: (...ask) => limiter.acquire(...rewrite(...ask)) }));

/** Rewrites what is granted. */
const granting = (caughtBy: string, rewrite: (permit: Permit) => Permit) =>
  changed(caughtBy, (limiter) => ({ acquire: async (...ask) => rewrite(await limiter.acquire(...ask)) }));

const patient = (options: AcquireOptions): AcquireOptions => ({ ...options, maxWaitMs: 3_600_000 });

/** Limiters that are wrong on purpose, named by what they do. */
export const limiterMutants: LimiterMutants = {
  'counts by the minute of the clock': {
    caughtBy: 'never lets more requests than the limit into any true minute',
    create: ({ now }) => ({ limiter: looseLimiter(now, { fixedWindow: true }) }),
  },
  'counts what it refused': {
    caughtBy: 'does not count what it refused',
    create: ({ now }) => ({ limiter: looseLimiter(now, { countsRefused: true }) }),
  },
  'forgets everything when the clock is set back': {
    caughtBy: 'forgets nothing when the clock is set back',
    create: ({ now }) => {
      let limiter = memoryLimiter(now, { maxWaiting });
      let lastMs = now();
      const current = () => {
        if (now() < lastMs) limiter = memoryLimiter(now, { maxWaiting });
        lastMs = now();
        return limiter;
      };
      return {
        limiter: {
          kind: 'limiter',
          acquire: (...ask) => current().acquire(...ask),
          peek: (...ask) => current().peek(...ask),
          learn: (...ask) => current().learn(...ask),
          close: () => limiter.close(),
        },
      };
    },
  },
  'remembers the first limits it was told': changed(
    'takes the limits from each request, so that a changed configuration counts at once',
    (limiter) => {
      const first = new Map<Target, AcquireOptions['limits']>();
      return {
        acquire(asked, demand, options) {
          const limits = first.get(asked) ?? options.limits;
          first.set(asked, limits);
          return limiter.acquire(asked, demand, { ...options, limits });
        },
      };
    },
  ),
  'adds up its corrections': changed(
    'takes the last correction for the true one, also after the release',
    (limiter) => ({
      async acquire(...ask) {
        const permit = await limiter.acquire(...ask);
        const { tokens: asked } = ask[1];
        let known = asked;
        const correct = (tokens: number) => {
          known += tokens - asked;
          permit.correct(Math.max(0, known));
        };
        return { ...permit, correct };
      },
    }),
  ),
  'corrects nothing after the release': granting(
    'takes the last correction for the true one, also after the release',
    (permit) => {
      let released = false;
      return {
        ...permit,
        correct: (tokens) => (released ? undefined : permit.correct(tokens)),
        release(outcome) {
          released = true;
          permit.release(outcome);
        },
      };
    },
  ),
  'does not hear of the end of a call that tells it': asking(
    'ends a wait as well with `onAbort`, and takes back what it was given for a wait that ends well',
    (target, demand, options) => [
      target,
      demand,
      options.onAbort === undefined
        ? options
        : { ...options, onAbort: () => () => undefined, signal: new AbortController().signal },
    ],
  ),
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
  'leaves those who wait alone when it is closed': changed('lets nobody wait for a limiter that is closed', () => ({
    close: async () => undefined,
  })),
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
  'takes a request of which nobody knows more for one without tokens': granting(
    'keeps counting the estimate of a request that was sent and of which nobody knows more',
    (permit) => {
      let tokens = 0;
      return {
        ...permit,
        correct(said) {
          tokens = said;
          permit.correct(said);
        },
        release: (outcome) => {
          if (outcome?.dispatched === true) permit.correct(tokens);
          permit.release(outcome);
        },
      };
    },
  ),
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
  'forgets the short window': asking(
    'keeps a short window beside the minute',
    (target, demand, { limits: { burst: _, ...limits }, ...options }) => [target, demand, { ...options, limits }],
  ),
  'refuses for good what is larger than a short window': asking(
    'lets a request that is larger than a short window have one to itself',
    (target, demand, options) => {
      const { tpm, burst } = options.limits;
      const least = Math.min(tpm ?? Infinity, burst?.tokens ?? Infinity);
      return [target, demand, least === Infinity ? options : { ...options, limits: { ...options.limits, tpm: least } }];
    },
  ),
  'counts days where it likes': asking(
    'counts requests per day in UTC where no zone is named',
    (target, demand, { limits, ...options }) => [
      target,
      demand,
      { ...options, limits: { rpdTimezone: 'America/Los_Angeles', ...limits } },
    ],
  ),
  'lets newcomers pass those who wait': changed(
    'lets nobody pass those who wait, also who would fit at once',
    (limiter) => ({
      async acquire(...ask) {
        const [asked, demand, { limits, maxWaitMs }] = ask;
        const { waiting, tokensInMinute } = await limiter.peek(asked);
        if (waiting > 0 && maxWaitMs === 0 && tokensInMinute + demand.tokens <= (limits.tpm ?? 0))
          return limiter.record(asked, demand, limits);
        return limiter.acquire(...ask);
      },
    }),
  ),
  'does not wake those who wait when there is room early': granting(
    'lets those who wait go as soon as a request used less than was asked for',
    (permit) => ({
      ...permit,
      correct: (tokens) => void setTimeout(() => permit.correct(tokens), 1_000).unref(),
    }),
  ),
  'does not wake those who wait when a request was not sent': granting(
    'lets those who wait go as soon as a request turns out never to have been sent',
    (permit) => ({
      ...permit,
      release: (outcome) => void setTimeout(() => permit.release(outcome), 1_000).unref(),
    }),
  ),
  'keeps the place of those who gave up': changed(
    'lets those behind move up when somebody gives up waiting',
    (limiter) => ({
      acquire: (asked, demand, { signal, ...options }) =>
        new Promise((resolve, reject) => {
          const gaveUp = () => reject(new VibeError('cancelled', 'it gave up'));
          signal.addEventListener('abort', gaveUp, { once: true });
          const done = () => signal.removeEventListener('abort', gaveUp);
          const never = new AbortController().signal;
          limiter
            .acquire(asked, demand, { ...options, signal: never })
            .then(resolve, reject)
            .finally(done);
        }),
    }),
  ),
  'waits for a slot beyond its deadline': asking(
    'gives up at its deadline when no request ends before',
    (target, demand, options) => [
      target,
      demand,
      options.limits.concurrency !== undefined && options.maxWaitMs > 0 ? patient(options) : options,
    ],
  ),
  'lets those who wait go although others used more': changed(
    'waits longer when a request used more than was asked for, and gives up at its deadline',
    (limiter) => ({
      async acquire(...ask) {
        const permit = await limiter.acquire(...ask);
        return { ...permit, correct: (tokens) => permit.correct(Math.min(tokens, ask[1].tokens)) };
      },
    }),
  ),
  'goes before the time that it said': changed('grants a permit when it was said, not before', (limiter) => ({
    acquire: (asked, demand, { onWait, ...options }) =>
      limiter.acquire(asked, demand, { ...options, onWait: (waitMs, place) => onWait?.(waitMs + 20, place) }),
  })),
  'has a line without end': {
    caughtBy: 'is not longer than it may be: who comes then is refused at once, and may come again',
    create: ({ now }) => ({ limiter: memoryLimiter(now) }),
  },
  'lets those who wait go to a closed target': changed(
    'keeps those who wait away from a target that a 429 closes',
    (limiter) => ({ learn: (asked, hint) => void setTimeout(() => limiter.learn(asked, hint), 30).unref() }),
  ),
  'closes for a day of its own': changed(
    'is closed by a 429 for the day until the day of the provider is over',
    (limiter) => ({ learn: (asked, { timezone: _, ...hint }) => limiter.learn(asked, hint) }),
  ),
  'closes for ever': changed(
    'is closed for little more than a day at the most, whatever the provider says',
    (limiter, now) => {
      let untilMs = 0;
      return {
        learn: (_, { retryAfterMs }) => {
          untilMs = now() + (retryAfterMs ?? 0);
        },
        async acquire(...ask) {
          const retryAfterMs = untilMs - now();
          if (retryAfterMs > 0) throw new VibeError('rate_limited', 'It is closed.', { retryAfterMs });
          return limiter.acquire(...ask);
        },
      };
    },
  ),
  ...sharingMutants,
};
