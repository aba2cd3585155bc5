import type { Budget, Limits, VibeOptions } from '@vibe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotate, type Fields, originsOf, plainOf } from './annotated.js';
import { mergeLayers } from './merge.js';

type Values = Omit<VibeOptions, 'plugins' | 'middleware'>;

/** Layers named by letter, the least specific first; the origin of a value is its layer and its path. */
function merge(...layers: readonly Values[]) {
  const annotated = layers.map((values, index) => annotate(values, () => 'abcd'[index] ?? '?') as Fields);
  const merged = mergeLayers(annotated);
  return { values: plainOf(merged.values) as Values, origins: originsOf(merged.values), overruled: merged.overruled };
}

describe('settings in several layers', () => {
  it('are merged key by key, the more specific wins, lists are replaced', () => {
    const { values, origins } = merge(
      { router: { policy: 'cheap', order: ['a', 'b'], weights: { smart: { cost: 1 } } }, breaker: { failures: 3 } },
      { router: { order: ['c'], weights: { smart: { latency: 2 }, fast: { latency: 9 } } } },
      { router: { policy: 'fast' } },
    );
    expect(values).toEqual({
      router: { policy: 'fast', order: ['c'], weights: { smart: { cost: 1, latency: 2 }, fast: { latency: 9 } } },
      breaker: { failures: 3 },
    });
    expect(origins.get('router.policy')).toBe('c');
    expect(origins.get('router.weights.smart.cost')).toBe('a');
    expect(origins.get('breaker.failures')).toBe('a');
  });

  it.each([
    ['mode', 'strict_budget', 'best_effort'],
    ['onUnpriced', 'refuse', 'warn'],
    ['dryRun', true, false],
  ] as const)('keep the stricter %s, whichever layer says it', (key, strict, lax) => {
    const kept = merge({ [key]: strict }, { [key]: lax });
    expect(kept.values[key]).toBe(strict);
    expect(kept.origins.get(key)).toBe('a');
    expect(kept.overruled).toEqual([{ path: key, value: lax, origin: 'b', by: 'a' }]);
    const tightened = merge({ [key]: lax }, { [key]: strict });
    expect(tightened.values[key]).toBe(strict);
    expect(tightened.origins.get(key)).toBe('b');
    expect(tightened.overruled).toEqual([]);
  });
});

describe('budgets in several layers', () => {
  it('are all in force; the same budget has the lowest limit, with its origin', () => {
    const { values, origins, overruled } = merge(
      {
        budgets: [
          { window: 'day', limitUsd: 5, warnAt: [0.8] },
          { window: 'month', limitUsd: 50 },
        ],
      },
      {
        budgets: [
          { window: 'day', limitUsd: 20, warnAt: [0.5], id: 'mine' },
          { window: 'day', limitUsd: 1, model: 'qwen-max' },
        ],
      },
    );
    expect(values.budgets).toEqual([
      { window: 'day', limitUsd: 5, warnAt: [0.5, 0.8], id: 'mine' },
      { window: 'month', limitUsd: 50 },
      { window: 'day', limitUsd: 1, model: 'qwen-max' },
    ]);
    expect(origins.get('budgets[0].limitUsd')).toBe('a');
    expect(origins.get('budgets[0].id')).toBe('b');
    expect(origins.get('budgets[2].limitUsd')).toBe('b');
    expect(overruled).toEqual([{ path: 'budgets[0].limitUsd', value: 20, origin: 'b', by: 'a' }]);
  });

  it('are the same only with the same window, time zone and scope', () => {
    const day: Budget = { window: 'day', limitUsd: 1, tags: { user: '*', team: 'x' } };
    const others: Budget[] = [
      { ...day, window: 'month' },
      { ...day, timezone: 'UTC' },
      { ...day, tags: { user: '*' } },
      { ...day, provider: 'qwen' },
      { ...day, endpoint: 'cn' },
    ];
    expect(merge({ budgets: [day] }, { budgets: others }).values.budgets).toHaveLength(6);
    expect(
      merge({ budgets: [day] }, { budgets: [{ ...day, tags: { team: 'x', user: '*' } }] }).values.budgets,
    ).toHaveLength(1);
  });

  it.each([
    ['strict_budget', 'best_effort', 'strict_budget'],
    ['best_effort', 'strict_budget', 'strict_budget'],
    ['strict_budget', undefined, 'strict_budget'],
    [undefined, 'strict_budget', 'strict_budget'],
    ['best_effort', undefined, undefined],
    [undefined, 'best_effort', undefined],
    ['best_effort', 'best_effort', 'best_effort'],
  ] as const)(
    'have the stricter mode: %s and %s give %s (the client decides when only one says best_effort)',
    (first, second, expected) => {
      const budget = (mode: Budget['mode']): Budget => ({
        window: 'day',
        limitUsd: 1,
        ...(mode === undefined ? {} : { mode }),
      });
      expect(merge({ budgets: [budget(first)] }, { budgets: [budget(second)] }).values.budgets?.[0]?.mode).toBe(
        expected,
      );
    },
  );

  it("are no way around the strict mode of another layer; in one layer the mode of a budget is its author's wish", () => {
    const day: Budget = { window: 'day', limitUsd: 5 };
    const lax: Budget = { window: 'month', limitUsd: 50, mode: 'best_effort' };
    const project = merge({ mode: 'strict_budget', budgets: [day] }, { budgets: [lax] });
    expect(project.values.budgets).toEqual([day, { ...lax, mode: 'strict_budget' }]);
    expect(project.origins.get('budgets[1].mode')).toBe('a');
    expect(project.overruled).toEqual([{ path: 'budgets[1].mode', value: 'best_effort', origin: 'b', by: 'a' }]);
    const twice = merge({ mode: 'strict_budget', budgets: [day, day] }, { budgets: [lax] });
    expect(twice.values.budgets?.[1]?.mode).toBe('strict_budget');
    expect(twice.overruled.map(({ path }) => path)).toEqual(['budgets[1].mode']);
    expect(merge({ budgets: [lax] }, { mode: 'strict_budget' }).values.budgets?.[0]?.mode).toBe('strict_budget');
    const one = { mode: 'strict_budget', budgets: [lax] } as const;
    expect(merge({}, one).values.budgets).toEqual([lax]);
    expect(merge(one, { budgets: [lax] }).values.budgets).toEqual([lax]);
    expect(merge(one, { mode: 'strict_budget' }).values.budgets).toEqual([lax]);
    expect(merge({ mode: 'best_effort' }, { budgets: [lax] }).values.budgets).toEqual([lax]);
  });

  it.each([
    [undefined, true],
    [true, undefined],
    [false, true],
    [true, false],
  ])('are not freed by a shadow of another layer, nor is a shadow enforced: %s and %s', (first, second) => {
    const budget = (shadow: boolean | undefined, limitUsd: number): Budget => ({
      window: 'day',
      limitUsd,
      ...(shadow === undefined ? {} : { shadow }),
    });
    const layers = [budget(first, 3), budget(second, 4)];
    expect(merge(...layers.map((each) => ({ budgets: [each] }))).values.budgets).toEqual(layers);
    const twice = merge({ budgets: [budget(true, 3)] }, { budgets: [budget(true, 2)] }).values.budgets;
    expect(twice).toEqual([budget(true, 2)]);
  });

  it('stay as one layer has them, whether or not another layer has any', () => {
    const budgets: Budget[] = [
      { window: 'day', limitUsd: 5, shadow: true },
      { window: 'day', limitUsd: 10 },
    ];
    expect(merge({ budgets }, {}).values.budgets).toEqual(budgets);
    const month: Budget = { window: 'month', limitUsd: 50 };
    expect(merge({ budgets: [month] }, { budgets }).values.budgets).toEqual([month, ...budgets]);
  });

  it('never get a higher limit from another layer', () => {
    const budgets = fc.array(
      fc.record({
        window: fc.constantFrom<Budget['window'][]>('day', 'month'),
        limitUsd: fc.integer({ min: 0, max: 9 }),
        model: fc.constantFrom('m1', 'm2'),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(budgets, budgets, budgets, (first, second, third) => {
        const merged = merge({ budgets: first }, { budgets: second }, { budgets: third }).values.budgets ?? [];
        for (const budget of [...first, ...second, ...third]) {
          const same = merged.filter(({ window, model }) => window === budget.window && model === budget.model);
          expect(Math.min(...same.map(({ limitUsd }) => limitUsd))).toBeLessThanOrEqual(budget.limitUsd);
        }
      }),
    );
  });
});

describe('rate limits in several layers', () => {
  it('are the lower ones, field by field; the reset zone is the more specific', () => {
    const { values, overruled } = merge(
      { limits: { 'qwen-plus': { rpm: 60, tpm: 1000, rpdTimezone: 'UTC' } } },
      { limits: { 'qwen-plus': { rpm: 600, tpm: 10, rpd: 5, rpdTimezone: 'Asia/Shanghai' } } },
    );
    expect(values.limits).toEqual({ 'qwen-plus': { rpm: 60, tpm: 10, rpd: 5, rpdTimezone: 'Asia/Shanghai' } });
    expect(overruled.map(({ path }) => path)).toEqual(['limits.qwen-plus.rpm']);
  });

  it('keep the burst of the more general layer, except for what the other one lowers in the same window', () => {
    const user = { limits: { 'qwen/*': { burst: { windowMs: 6_000, requests: 60, tokens: 100 } } } };
    const burst = (change: object) =>
      merge(user, { limits: { 'qwen/qwen-plus': { burst: { windowMs: 6_000, ...change } } } }).values.limits?.[
        'qwen/qwen-plus'
      ];
    expect(burst({ requests: 600, tokens: 5 })).toEqual({ burst: { windowMs: 6_000, requests: 60, tokens: 5 } });
    expect(burst({})).toEqual({ burst: { windowMs: 6_000, requests: 60, tokens: 100 } });
    expect(burst({ windowMs: 1_000, requests: 1 })).toEqual({ burst: { windowMs: 6_000, requests: 60, tokens: 100 } });
    expect(merge({}, user).values.limits).toEqual(user.limits);
  });

  it('cannot be raised by a more specific pattern', () => {
    expect(merge({ limits: { '*': { rpm: 60 } } }, { limits: { 'qwen-plus': { rpm: 600 } } }).values.limits).toEqual({
      '*': { rpm: 60 },
      'qwen-plus': { rpm: 60 },
    });
    // Within one layer the more specific pattern is what its author wants.
    const one = { limits: { '*': { rpm: 60 }, 'qwen-plus': { rpm: 600 } } };
    expect(merge({}, one).values.limits).toEqual(one.limits);
  });

  it('cannot be escaped by a more specific pattern of the other layer', () => {
    expect(merge({ limits: { 'qwen-plus': { rpm: 600 } } }, { limits: { '*': { rpm: 60 } } }).values.limits).toEqual({
      '*': { rpm: 60 },
      'qwen-plus': { rpm: 60 },
    });
  });

  it('of one provider do not slow down a model of another one that is limited by its name alone', () => {
    const { values, overruled } = merge(
      { limits: { 'gemini/*': { rpm: 5 } } },
      { limits: { 'qwen-plus': { rpm: 100 } } },
    );
    expect(values.limits).toEqual({
      'gemini/*': { rpm: 5 },
      'qwen-plus': { rpm: 100 },
      'gemini/qwen-plus': { rpm: 5 },
    });
    expect(overruled).toEqual([]);
  });

  it('let a project ask for all that a more specific pattern of its user allows', () => {
    const user = { limits: { '*': { rpm: 10 }, 'qwen/*': { rpm: 1_000 } } };
    const { values, overruled } = merge(user, { limits: { 'qwen/qwen-plus': { rpm: 500 } } });
    expect(values.limits?.['qwen/qwen-plus']).toEqual({ rpm: 500 });
    expect(overruled).toEqual([]);
  });

  it('for every target are the lowest that any layer sets for it', () => {
    const patterns = ['*', 'p/*', 'q/*', 'p@e/*', 'q@f/*', 'm', 'n', 'p/m', 'p@e/m', 'q/m'];
    const limits = fc.dictionary(
      fc.constantFrom(...patterns),
      fc.record({ rpm: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
    );
    const targets = ['p', 'q'].flatMap((provider) =>
      ['e', 'f'].flatMap((endpoint) => ['m', 'n'].map((model) => ({ provider, endpoint, model }))),
    );
    fc.assert(
      fc.property(limits, limits, limits, (...given) => {
        const layers = given as Record<string, Limits>[];
        const merged = merge(...layers.map((layer) => ({ limits: layer }))).values.limits ?? {};
        for (const target of targets) {
          const said = layers.map((layer) => rpmOf(layer, target)).filter((rpm) => rpm !== undefined);
          expect(rpmOf(merged, target)).toBe(said.length === 0 ? undefined : Math.min(...said));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('regions in several layers', () => {
  it('are those that every layer allows, in the order of the more specific one', () => {
    const { values, overruled } = merge({ regions: ['cn', 'sg'] }, { regions: ['us', 'sg', 'cn'] }, {});
    expect(values.regions).toEqual(['sg', 'cn']);
    expect(overruled).toEqual([{ path: 'regions', value: ['us', 'sg', 'cn'], origin: 'b', by: 'a' }]);
    expect(merge({ regions: ['cn', 'sg'] }, { regions: ['sg'] })).toMatchObject({
      values: { regions: ['sg'] },
      overruled: [],
    });
    expect(merge({ regions: ['cn'] }, { regions: ['sg'] }).values.regions).toEqual([]);
    expect(merge({ regions: [] }, { regions: ['sg'] }).values.regions).toEqual([]);
    expect(merge({}, { regions: ['sg'] }).values.regions).toEqual(['sg']);
  });
});

describe('compliance rules in several layers', () => {
  it('all hold; the same tags allow only what every layer allows', () => {
    const { values, overruled } = merge(
      { router: { compliance: [{ tags: { data: 'cn-only' }, regions: ['cn'] }] } },
      {
        router: {
          compliance: [
            { tags: { data: 'cn-only' }, regions: ['sg', 'cn'] },
            { tags: {}, regions: ['sg', 'cn'] },
          ],
        },
      },
    );
    expect(values.router?.compliance).toEqual([
      { tags: { data: 'cn-only' }, regions: ['cn'] },
      { tags: {}, regions: ['sg', 'cn'] },
    ]);
    expect(overruled.map(({ path }) => path)).toEqual(['router.compliance[0].regions']);
  });

  it('that contradict each other allow nothing', () => {
    const rule = (region: string): Values => ({ router: { compliance: [{ tags: {}, regions: [region] }] } });
    expect(merge(rule('cn'), rule('sg')).values.router?.compliance).toEqual([{ tags: {}, regions: [] }]);
  });
});

/** How the client applies patterns: the more specific wins (routing/resolve-limits.ts of @vibe/core). */
function rpmOf(
  limits: Readonly<Record<string, Limits>>,
  target: { provider: string; endpoint: string; model: string },
) {
  const { provider, endpoint, model } = target;
  const names = [
    '*',
    `${provider}/*`,
    `${provider}@${endpoint}/*`,
    model,
    `${provider}/${model}`,
    `${provider}@${endpoint}/${model}`,
  ];
  return names.map((name) => limits[name]?.rpm).findLast((rpm) => rpm !== undefined);
}
