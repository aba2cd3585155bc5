import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type PluginInput, type RankedRoute, type Router, type RouterView, targetKey } from '@vibe/core';
import { partOf } from '../parts.js';
import type { TestRunner } from '../runner.js';
import { optionOf, questionOf, type RouterQuestion, someQuestions } from './views.js';

export interface RouterContractOptions {
  /** Names the router in the report. */
  readonly name: string;
  /** A plugin with a router, or the router itself. */
  create(): PluginInput;
}

type RouterTheme = Readonly<Record<string, (router: Router, create: () => Router) => void>>;

const keysOf = (routes: readonly { readonly target: RankedRoute['target'] }[]) =>
  routes.map(({ target }) => targetKey(target));

const plan = (router: Router, { request, view }: RouterQuestion) => router.plan(request, view);

/** What a plan consists of. */
const completeness: RouterTheme = {
  'puts every option into exactly one of its two lists, and nothing else': (router) => {
    for (const question of someQuestions()) {
      const { candidates, rejected } = plan(router, question);
      deepStrictEqual([...keysOf(candidates), ...keysOf(rejected)].sort(), keysOf(question.view.options).sort());
    }
  },

  'gives a reason and a code for everything it rejects': (router) => {
    for (const question of someQuestions())
      for (const { reason, code } of plan(router, question).rejected)
        ok(reason.trim() !== '' && code.length > 0, 'a reason and a code');
  },

  'names its candidates best first, with finite scores': (router) => {
    for (const question of someQuestions()) {
      const { candidates } = plan(router, question);
      let best = Number.POSITIVE_INFINITY;
      for (const { score, scoreParts } of candidates) {
        ok(Number.isFinite(score) && score <= best, `${score} is a number, and not above ${best} before it`);
        for (const [part, value] of Object.entries(scoreParts)) ok(Number.isFinite(value), `${part} is ${value}`);
        best = score;
      }
    }
  },
};

/** A plan depends on its question, and on nothing else. */
const purity: RouterTheme = {
  'answers the same question in the same way': (router, create) => {
    for (const question of someQuestions()) {
      const first = plan(router, question);
      deepStrictEqual(plan(router, question), first);
      deepStrictEqual(plan(create(), question), first);
    }
  },

  'takes the time from the view and leaves nothing to chance': (router) => {
    for (const question of someQuestions()) withoutTimeAndChance(() => plan(router, question));
  },

  'changes nothing of what it is shown': (router) => {
    for (const question of someQuestions()) plan(router, frozen(question));
  },
};

/** What the policies mean, where only one thing distinguishes two options. */
const policies: RouterTheme = {
  'takes options in the configured order for "fixed"': (router) => {
    const options = ['a', 'b', 'c', 'd'].map((model) => optionOf({ model }));
    strictEqual(orderOf(router, questionOf('fixed', options, { order: ['c', 'acme/a', 'acme@main/d'] })), 'c a d b');
    strictEqual(orderOf(router, questionOf('fixed', options.toReversed(), { order: ['b', 'c', 'd', 'a'] })), 'b c d a');
  },

  'prefers the cheaper one for "cheap"': (router) => {
    const options = [optionOf({ model: 'dear', nanoUsd: 100_000 }), optionOf({ model: 'low', nanoUsd: 1_000 })];
    strictEqual(orderOf(router, questionOf('cheap', options)), 'low dear');
    strictEqual(orderOf(router, questionOf('cheap', options.toReversed())), 'low dear');
  },

  'does not take an unknown price for a low one': (router) => {
    const options = [optionOf({ model: 'unpriced', nanoUsd: null }), optionOf({ model: 'priced', nanoUsd: 1_000 })];
    strictEqual(orderOf(router, questionOf('cheap', options)).startsWith('priced'), true);
  },

  'prefers the faster one for "fast"': (router) => {
    const slow = optionOf({ model: 'slow', seen: { p50Ms: 20_000, failRate: 0 } });
    const quick = optionOf({ model: 'quick', seen: { p50Ms: 300, failRate: 0 } });
    strictEqual(orderOf(router, questionOf('fast', [slow, quick])), 'quick slow');
  },

  'prefers the one that fails less for "smart", all else being the same': (router) => {
    const broken = optionOf({ model: 'broken', seen: { p50Ms: 1_000, failRate: 0.5 } });
    const sound = optionOf({ model: 'sound', seen: { p50Ms: 1_000, failRate: 0 } });
    strictEqual(orderOf(router, questionOf('smart', [broken, sound])), 'sound broken');
    strictEqual(orderOf(router, questionOf('smart', [sound, broken])), 'sound broken');
  },

  'prefers the cheaper one for "smart", all else being the same': (router) => {
    const dear = optionOf({ model: 'dear', nanoUsd: 900_000, seen: { p50Ms: 1_000, failRate: 0 } });
    const low = optionOf({ model: 'low', nanoUsd: 1_000, seen: { p50Ms: 1_000, failRate: 0 } });
    strictEqual(orderOf(router, questionOf('smart', [dear, low])), 'low dear');
    strictEqual(orderOf(router, questionOf('smart', [low, dear])), 'low dear');
  },

  'prefers the better one for "quality"': (router) => {
    const options = [optionOf({ model: 'small', tier: 'economy' }), optionOf({ model: 'large', tier: 'premium' })];
    strictEqual(orderOf(router, questionOf('quality', options)), 'large small');
  },
};

function orderOf(router: Router, question: RouterQuestion): string {
  return plan(router, question)
    .candidates.map(({ target }) => target.model)
    .join(' ');
}

/** Runs something that has no business with the clock or with dice. */
function withoutTimeAndChance<T>(run: () => T): T {
  const forbidden = (what: string) => () => {
    throw new Error(`a router must not ask ${what}: the view has everything`);
  };
  const { Date: dates } = globalThis;
  // A date that is made of something is no question.
  const noClock = (...given: [number]) => (given.length > 0 ? new dates(...given) : forbidden('new Date()')());
  const replaced = [
    replace(Date, 'now', forbidden('Date.now')),
    replace(Math, 'random', forbidden('Math.random')),
    replace(performance, 'now', forbidden('performance.now')),
    replace(crypto, 'getRandomValues', forbidden('crypto.getRandomValues')),
    replace(crypto, 'randomUUID', forbidden('crypto.randomUUID')),
    replace(globalThis, 'Date', new Proxy(Date, { construct: (_, given) => noClock(...(given as [number])) as Date })),
  ];
  try {
    return run();
  } finally {
    for (const putBack of replaced.toReversed()) putBack();
  }
}

function replace(owner: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, own);
  };
}

function frozen({ request, view }: RouterQuestion): RouterQuestion {
  return { request: deepFreeze(request), view: deepFreeze<RouterView>(view) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const field of Object.values(value)) deepFreeze(field);
  }
  return value;
}

const themes = { completeness, purity, policies };

/** Registers the tests that every router must pass. */
export function routerContract(runner: TestRunner, options: RouterContractOptions): void {
  const create = () => partOf('router', options.create());
  runner.describe(`router contract: ${options.name}`, () => {
    for (const [name, theme] of Object.entries(themes))
      runner.describe(name, () => {
        for (const [sentence, test] of Object.entries(theme)) runner.it(sentence, () => test(create(), create));
      });
  });
}
