import { describe, expect, it } from 'vitest';
import { fails, failure, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { VibeOptions } from '../spec/options.js';

const prompt = 'Hi';
const large = { id: 'large', tier: 'premium' } as const;
const middle = { id: 'middle-cheap', tier: 'standard' } as const;
const small = { id: 'small-cheap', tier: 'economy' } as const;

/** `large` is down, the others are well. */
function world(options: Partial<VibeOptions>) {
  const provider = scripted(
    (call) => (call.model.id === 'large' ? fails('provider_unavailable', 'down')(call) : says('ok')(call)),
    { models: [large, middle, small] },
  );
  const vibe = createVibe(
    { plugins: [provider, testPrices], breaker: { failures: 1 }, ...options },
    { random: () => 0 },
  );
  const told: string[] = [];
  vibe.on('downgrade', ({ from, to }) => told.push(`${from.model} to ${to.model}`));
  const trip = () => failure(vibe.generate({ model: 'large', prompt, retry: { attempts: 1 } }));
  return { vibe, told, trip };
}

describe('the first of a fixed order that only the catalog gives', () => {
  it('is replaced by a lesser model as a downgrade when it is down, and that is told', async () => {
    const { vibe, told, trip } = world({ router: { policy: 'fixed' } });
    await trip();
    const { providerMeta, downgradedFrom } = await vibe.generate({ prompt });
    expect([providerMeta.model, downgradedFrom?.model]).toEqual(['middle-cheap', 'large']);
    expect(told).toEqual(['large to middle-cheap']);
  });

  it('is not replaced where downgrades are off', async () => {
    const { vibe, trip } = world({ router: { policy: 'fixed', downgrade: { allow: false } } });
    await trip();
    const error = await failure(vibe.generate({ prompt }));
    expect(error).toMatchObject({ code: 'circuit_open' });
    expect(error.message).toContain('router.downgrade.allow is false');
  });
});

describe('a model that was asked for by name and goes down under the call', () => {
  const asked = { model: 'large', prompt };
  const steps = ['middle-cheap', 'small-cheap'];

  it('is asked again, then replaced by a step within the same attempts, and that is told', async () => {
    const { vibe, told } = world({ breaker: { failures: 9 }, router: { downgrade: { steps } } });
    const { attempts, downgradedFrom } = await vibe.generate(asked);
    expect(attempts.map(({ target }) => target.model)).toEqual(['large', 'large', 'middle-cheap']);
    expect(downgradedFrom?.model).toBe('large');
    expect(told).toEqual(['large to middle-cheap']);
  });

  it.each([
    ['without steps', {}],
    ['below the lowest tier', { steps, minTier: 'premium' }],
    ['with downgrades off', { steps, allow: false }],
  ] as const)('is not replaced %s', async (_, downgrade) => {
    const { vibe, told } = world({ breaker: { failures: 2 }, router: { downgrade } });
    const error = await failure(vibe.generate(asked));
    expect(error.code).toBe('provider_unavailable');
    expect([error.attempts.map(({ target }) => target.model), told]).toEqual([['large', 'large'], []]);
  });

  it('is not replaced by what the budget of the step has no room for', async () => {
    const { vibe } = world({
      mode: 'strict_budget',
      budgets: [{ window: 'day', limitUsd: 0.000001, model: 'middle-cheap' }],
      router: { downgrade: { steps } },
    });
    const { attempts } = await vibe.generate(asked);
    expect(attempts.map(({ target }) => target.model)).toEqual(['large', 'small-cheap']);
  });
});

describe('a step behind one that does not fit its budget', () => {
  it('stands in for the model that is down, not for the step before it', async () => {
    const { vibe, told, trip } = world({
      mode: 'strict_budget',
      budgets: [{ window: 'day', limitUsd: 0.000001, model: 'middle-cheap' }],
      router: { downgrade: { steps: ['middle-cheap', 'small-cheap'] } },
    });
    await trip();
    const { providerMeta, downgradedFrom } = await vibe.generate({ model: 'large', prompt });
    expect([providerMeta.model, downgradedFrom?.model]).toEqual(['small-cheap', 'large']);
    expect(told).toEqual(['large to small-cheap']);
  });
});

describe('another endpoint of the same model', () => {
  it.each([
    ['on', {}],
    ['off', { allow: false }],
  ])('is no downgrade where the budget of the first has no room, with downgrades %s', async (_, downgrade) => {
    const endpoints = ['here', 'there'].map((id) => ({ id, region: 'global' }));
    const provider = scripted(says('ok'), { models: [large], endpoints });
    const vibe = createVibe({
      plugins: [provider, testPrices],
      mode: 'strict_budget',
      budgets: [{ window: 'day', limitUsd: 0.000001, endpoint: 'here' }],
      router: { policy: 'fixed', downgrade },
    });
    const told: unknown[] = [];
    vibe.on('downgrade', (event) => told.push(event));
    expect((await vibe.estimate({ model: 'large', prompt })).verdict.allowed).toBe(true);
    const { providerMeta, downgradedFrom } = await vibe.generate({ model: 'large', prompt });
    expect([providerMeta.endpoint, downgradedFrom, told]).toEqual(['there', null, []]);
  });
});
