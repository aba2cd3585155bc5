import { defaultRouter, type RoutePlan, type Router, type RouterView } from '@vibe/core';

/** A router that is wrong on purpose. */
export interface RouterMutant {
  /** The test that must catch it. */
  readonly caughtBy: string;
  readonly create: () => Router;
}

const changed = (caughtBy: string, change: (plan: RoutePlan, view: RouterView) => RoutePlan): RouterMutant => ({
  caughtBy,
  create: () => {
    const right = defaultRouter();
    return { kind: 'router', plan: (request, view) => change(right.plan(request, view), view) };
  },
});

/** Sees every option as something else. */
const seeing = (change: (option: RouterView['options'][number]) => RouterView['options'][number]): Router => {
  const right = defaultRouter();
  return {
    kind: 'router',
    plan: (request, view) => right.plan(request, { ...view, options: view.options.map(change) }),
  };
};

const everyOption = 'puts every option into exactly one of its two lists, and nothing else';
const bestFirst = 'names its candidates best first, with finite scores';
let plans = 0;

export const routerMutants: Readonly<Record<string, RouterMutant>> = {
  'loses an option': changed(everyOption, (plan) => ({ ...plan, candidates: plan.candidates.slice(1) })),
  'names an option twice': changed(everyOption, (plan) => ({
    ...plan,
    candidates: [...plan.candidates, ...plan.candidates.slice(-1)],
  })),
  'puts an option into both lists': changed(everyOption, (plan) => ({
    ...plan,
    rejected: plan.candidates.slice(0, 1).map(({ target }) => ({ target, code: 'no_route', reason: 'not today' })),
  })),
  'adds a model that nobody offered': changed(everyOption, (plan) => ({
    ...plan,
    candidates: plan.candidates.map(({ target, ...route }) => ({
      ...route,
      target: { ...target, model: 'my favourite' },
    })),
  })),
  'rejects without a reason': changed('gives a reason and a code for everything it rejects', ({ candidates }) => ({
    candidates: [],
    rejected: candidates.map(({ target }) => ({ target, code: 'no_route', reason: '' })),
  })),
  'names the worst first': changed(bestFirst, (plan) => ({ ...plan, candidates: plan.candidates.toReversed() })),
  'scores what it cannot count': changed(bestFirst, (plan) => ({
    ...plan,
    candidates: plan.candidates.map((route) => ({ ...route, score: Number.NaN })),
  })),
  'throws dice': changed('takes the time from the view and leaves nothing to chance', (plan) => {
    Math.random();
    return plan;
  }),
  'looks at its own clock': changed('takes the time from the view and leaves nothing to chance', (plan) => {
    Date.now();
    return plan;
  }),
  'makes a date of its own': changed('takes the time from the view and leaves nothing to chance', (plan) => {
    new Date();
    return plan;
  }),
  'looks at the clock of the process': changed('takes the time from the view and leaves nothing to chance', (plan) => {
    performance.now();
    return plan;
  }),
  'throws better dice': changed('takes the time from the view and leaves nothing to chance', (plan) => {
    crypto.randomUUID();
    return plan;
  }),
  'takes turns': changed('answers the same question in the same way', (plan) => {
    plans++;
    return plans % 2 === 0 ? plan : { ...plan, candidates: plan.candidates.toReversed() };
  }),
  'sorts the options of the view in place': changed('changes nothing of what it is shown', (plan, view) => {
    (view.options as unknown[]).sort();
    return plan;
  }),
  'knows only one policy': {
    caughtBy: 'takes options in the configured order for "fixed"',
    create: () => {
      const right = defaultRouter();
      return { kind: 'router', plan: (request, view) => right.plan({ ...request, policy: 'smart' }, view) };
    },
  },
  'does not look at failures': {
    caughtBy: 'prefers the one that fails less for "smart", all else being the same',
    create: () => seeing((option) => ({ ...option, stats: option.stats && { ...option.stats, failRate: 0 } })),
  },
  'does not look at prices': {
    caughtBy: 'prefers the cheaper one for "smart", all else being the same',
    create: () =>
      seeing((option) => ({
        ...option,
        cost: { ...option.cost, estimatedNanoUsd: 5, worstCaseNanoUsd: 5 },
        stats: option.stats && { ...option.stats, costNanoUsd: 5 },
      })),
  },
  'takes its time': {
    caughtBy: everyOption,
    create: () => ({ kind: 'router', plan: (async () => ({ candidates: [], rejected: [] })) as never }),
  },
  'takes an unpriced model for a free one': {
    caughtBy: 'does not take an unknown price for a low one',
    create: () => {
      const right = defaultRouter();
      return {
        kind: 'router',
        plan: (request, view) =>
          right.plan(request, {
            ...view,
            options: view.options.map((option) => ({
              ...option,
              cost: { ...option.cost, estimatedNanoUsd: option.cost.estimatedNanoUsd ?? 0 },
            })),
          }),
      };
    },
  },
};
