import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetSample, TargetStats } from '../spec/report.js';
import type { Policy } from '../spec/request.js';
import type { Headroom, OwnSample, RouteOption, RouterOptions } from '../spec/router.js';
import type { Quantities } from '../spec/usage.js';
import { defaultRouter } from './default-router.js';
import { expectationsOf } from './expectation.js';

interface Traits {
  readonly nanoUsd?: number | null;
  readonly tier?: 'economy' | 'standard' | 'premium';
  readonly seen?: Partial<TargetSample>;
  readonly recent?: Partial<TargetSample>;
  readonly headroom?: Headroom;
  readonly reserveNanoUsd?: number;
  readonly comparedAnswers?: number;
  readonly quantities?: Quantities;
}

const own: OwnSample = {
  calls: 0,
  failRate: 0,
  answers: 0,
  ttftMs: null,
  msPerToken: null,
  tail: null,
  verbosity: 1,
  comparedAnswers: 0,
  inputRatio: null,
  unanswered: 0,
};

const sample: TargetSample = {
  calls: 1_000,
  failRate: 0,
  p50Ms: 1_000,
  p95Ms: 2_000,
  ttftMs: 300,
  costNanoUsd: 1_000,
  expectedNanoUsd: 1_000,
};

function option(
  model: string,
  {
    nanoUsd = 1_000,
    tier = 'standard',
    seen,
    recent,
    headroom,
    reserveNanoUsd = 0,
    comparedAnswers,
    quantities = { output_token: 100 },
  }: Traits,
): RouteOption {
  const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model };
  const stats: TargetStats | null =
    seen === undefined && recent === undefined
      ? null
      : { ...target, ...sample, ...seen, recent: recent === undefined ? null : { ...sample, calls: 30, ...recent } };
  const usage = { quantities, unknown: true, source: 'estimated' } as const;
  return {
    target,
    endpoint: { id: 'main', region: 'global', baseUrl: 'https://acme.example', keyPresent: () => true },
    manifest: {
      id: model,
      operations: ['chat'],
      input: ['text'],
      output: ['text'],
      streams: true,
      tools: false,
      structured: false,
      reasoning: false,
      tier,
    },
    cost: {
      estimatedUsage: usage,
      worstCaseUsage: usage,
      estimatedNanoUsd: nanoUsd,
      worstCaseNanoUsd: nanoUsd,
      unboundedReason: null,
      maxOutputTokens: null,
    },
    circuit: 'closed',
    stats,
    headroom: headroom ?? null,
    own: { ...own, reserveNanoUsd, comparedAnswers: comparedAnswers ?? 0 },
    mustBePriced: false,
  };
}

function order(policy: Policy, models: Readonly<Record<string, Traits>>, router: RouterOptions = {}) {
  const options = Object.entries(models).map(([model, traits]) => option(model, traits));
  const request = { operation: 'chat', request: { messages: [] }, inputTokens: 10, policy } as const;
  const { candidates } = defaultRouter().plan(request, { nowMs: 0, options, router });
  return candidates.map(({ target }) => target.model);
}

const first = (...args: Parameters<typeof order>) => order(...args)[0];
const policies = ['smart', 'cheap', 'fast', 'quality'] as const;

describe('the order of candidates', () => {
  it.each(policies)('under %s is not turned by one bad call of a target that was hardly called before', (policy) => {
    const hardly = (bad: Partial<TargetSample> = {}) => {
      const young = { calls: 4, p50Ms: 1_500, p95Ms: 4_000, ttftMs: 500, ...bad };
      return { seen: young, recent: young };
    };
    const worse = { p50Ms: 2_100, p95Ms: 5_600, ttftMs: 700 };
    const other = { nanoUsd: 1_400, seen: worse, recent: worse };
    expect(first(policy, { best: hardly(), other })).toBe('best');
    expect(first(policy, { best: hardly({ failRate: 0.25 }), other })).toBe('best');
    expect(first(policy, { best: hardly({ p95Ms: 60_000 }), other })).toBe('best');
  });

  it.each(policies)('under %s is turned by many failures in a row', (policy) => {
    const down = { calls: 30, failRate: 0.9 };
    expect(first(policy, { down: { recent: down, seen: {} }, up: { nanoUsd: 1_100, seen: {}, recent: {} } })).toBe(
      'up',
    );
  });

  it('follows what was seen lately, and comes back to what was seen before when that is forgotten', () => {
    const steady = { seen: {}, recent: {} };
    const slowNow = { p50Ms: 8_000, p95Ms: 20_000, ttftMs: 5_000 };
    const quick = { p50Ms: 700, p95Ms: 1_400, ttftMs: 200 };
    const of = (calls: number) => ({ seen: quick, recent: { ...slowNow, calls } });
    expect(first('fast', { steady, quick: of(30) })).toBe('steady');
    expect(first('fast', { steady, quick: of(0.1) })).toBe('quick');
  });

  it('under cheap counts what calls really cost, not what they were expected to', () => {
    const wordy = { nanoUsd: 900, seen: { costNanoUsd: 3_000 }, recent: { costNanoUsd: 3_000 } };
    const terse = { nanoUsd: 1_500, seen: { costNanoUsd: 500 }, recent: { costNanoUsd: 500 } };
    expect(order('cheap', { wordy, terse })).toEqual(['terse', 'wordy']);
    expect(order('cheap', { wordy: { nanoUsd: 900 }, terse: { nanoUsd: 1_500 } })).toEqual(['wordy', 'terse']);
  });

  it('follows a new price at once, however many calls were paid at the old one', () => {
    expect(order('cheap', { risen: { nanoUsd: 2_000, seen: {} }, same: { nanoUsd: 1_500, seen: {} } })[0]).toBe('same');
  });

  it('under cheap leaves the last permits of a target to calls that save more with them', () => {
    const scarce = { nanoUsd: 1_000, reserveNanoUsd: 600 };
    expect(first('cheap', { scarce, other: { nanoUsd: 1_500 } })).toBe('other');
    expect(first('cheap', { scarce, other: { nanoUsd: 1_700 } })).toBe('scarce');
    expect(first('smart', { scarce, other: { nanoUsd: 1_500 } })).toBe('scarce');
  });

  it.each(['cheap', 'smart'] as const)('under %s explores what is unknown at up to three times the cost', (policy) => {
    const explores = (traits: Traits) => {
      const options = [option('best', {}), option('other', { nanoUsd: 2_900, ...traits })];
      const request = { operation: 'chat', request: { messages: [] }, inputTokens: 10, policy } as const;
      return defaultRouter().plan(request, { nowMs: 0, options, router: {}, exploration: 0.5 }).candidates[0]?.target
        .model;
    };
    expect(explores({})).toBe('other');
    expect(explores({ comparedAnswers: 2 })).toBe('other');
    expect(explores({ comparedAnswers: 3 })).toBe(policy === 'cheap' ? 'best' : 'other');
    expect(explores({ comparedAnswers: 3, nanoUsd: 1_200 })).toBe('other');
    expect(explores({ nanoUsd: 3_100 })).toBe('best');
    // What a picture costs is known before the first one.
    expect(explores({ quantities: { image: 1 } })).toBe(policy === 'cheap' ? 'best' : 'other');
  });

  it('takes the mean cost for what it is where a ledger does not say what was expected', () => {
    const { expectedNanoUsd: _, ...silent } = { ...sample, costNanoUsd: 5_000 };
    const told = option('a', { nanoUsd: 1_000 });
    const stats = { ...told.target, ...silent };
    const [expected] = expectationsOf([{ ...told, stats }]);
    const nanoUsd = expected?.nanoUsd;
    expect(nanoUsd).toBeGreaterThan(4_500);
    expect(nanoUsd).toBeLessThan(5_000);
  });

  it('avoids a target that would make the call wait', () => {
    const full = { headroom: { freeShare: 0, waitMs: 30_000 } };
    for (const policy of ['smart', 'fast'] as const)
      expect(first(policy, { full, free: { nanoUsd: 1_200 } })).toBe('free');
    expect(first('fast', { never: { headroom: { freeShare: 0, waitMs: Number.POSITIVE_INFINITY } }, free: {} })).toBe(
      'free',
    );
  });

  it('spreads over equals by what is left of their limits', () => {
    const busy = { headroom: { freeShare: 0.2, waitMs: 0 } };
    expect(first('smart', { busy, idle: { headroom: { freeShare: 0.8, waitMs: 0 } } })).toBe('idle');
  });

  it('can be weighted otherwise, part by part', () => {
    const models = { small: { tier: 'economy', nanoUsd: 100 }, large: { tier: 'premium' } } as const;
    expect(first('smart', models)).toBe('small');
    expect(first('smart', models, { weights: { smart: { quality: 5 } } })).toBe('large');
    expect(first('cheap', models, { weights: { smart: { quality: 5 } } })).toBe('small');
  });

  it('is the same for the same view, and scores every part between 0 and 1', () => {
    const traits = fc.record({
      nanoUsd: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 1e9 })),
      seen: fc.record({
        calls: fc.integer({ min: 1, max: 10_000 }),
        failRate: fc.double({ min: 0, max: 1, noNaN: true }),
        p50Ms: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 600_000 })),
        costNanoUsd: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 1e9 })),
      }),
    });
    fc.assert(
      fc.property(fc.array(traits, { minLength: 1, maxLength: 8 }), fc.constantFrom(...policies), (given, policy) => {
        const options = given.map((each, index) => option(`m${index}`, each));
        const request = { operation: 'chat', request: { messages: [] }, inputTokens: 10, policy } as const;
        const view = { nowMs: 0, options, router: {} };
        const plan = defaultRouter().plan(request, view);
        expect(defaultRouter().plan(request, view)).toEqual(plan);
        for (const { scoreParts } of plan.candidates)
          for (const value of Object.values(scoreParts)) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });
});
