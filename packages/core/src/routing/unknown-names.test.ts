import { describe, expect, it } from 'vitest';
import { says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import type { VibeOptions } from '../spec/options.js';
import type { Router, RouterOptions } from '../spec/router.js';

const provider = scripted(says('x'), {
  id: 'acme',
  models: [{ id: 'small', aliases: ['small-latest'] }, { id: 'large' }],
  endpoints: [
    { id: 'cn', region: 'cn' },
    { id: 'sg', region: 'sg' },
  ],
});

/** The warnings of a client that makes one call. */
async function warnings(options: Omit<VibeOptions, 'plugins'>, plugins: VibeOptions['plugins'] = []) {
  const vibe = createVibe({ plugins: [provider, testPrices, ...plugins], ...options });
  const told: string[] = [];
  vibe.on('warning', ({ warning }) => told.push(`${warning.code} ${warning.message}`));
  await vibe.generate({ model: 'small', prompt: 'x' });
  await vibe.close();
  return told;
}

describe('a name that stands for nobody is told', () => {
  it('in limits, budgets, orders, steps and weights', async () => {
    const told = await warnings({
      limits: { smal: { rpm: 9 }, 'acme@us/small': { rpm: 9 } },
      budgets: [
        { window: 'day', limitUsd: 1, model: 'acme/small' },
        { window: 'day', limitUsd: 1, model: 'large', endpoint: 'us' },
      ],
      router: {
        order: ['smal', 'large'],
        downgrade: { steps: ['tiny'] },
        weights: { smart: { cost: 1, speed: 2 } },
      },
    });
    expect(told).toEqual([
      'unknown_limit limits["smal"] names no model, provider or endpoint that is configured: it limits nothing.',
      'unknown_limit limits["acme@us/small"] names no model, provider or endpoint that is configured: it limits nothing.',
      'unknown_budget budgets[0]: nothing that is configured has model "acme/small": it counts nothing.',
      'unknown_budget budgets[1]: nothing that is configured has endpoint "us", model "large": it counts nothing.',
      'unknown_name router.order[0]: "smal" is no model that is configured: it is passed over.',
      'unknown_name router.downgrade.steps[0]: "tiny" is no model that is configured: nothing steps down to it.',
      expect.stringMatching(/^unknown_name router\.weights\.smart: "speed" is no part of a score; there are cost, /),
    ]);
  });

  it('and every way to name somebody is not', async () => {
    const order = ['small', 'acme/large', 'acme@sg/small', 'acme@default/small-latest', 'auto'];
    const budgets = [
      { window: 'day', limitUsd: 1 },
      { window: 'day', limitUsd: 1, provider: 'acme', endpoint: 'sg', model: 'small-latest' },
    ] as const;
    const weights = { cheap: { cost: 1, headroom: 2 } };
    // The model of one service at the place of another one: what a limit of each of them comes to between two layers.
    const other = scripted(says('x'), { id: 'other', models: [{ id: 'tiny' }] });
    expect(await warnings({ limits: { 'acme@cn/tiny': { rpm: 9 } } }, [other])).toEqual([]);
    expect(await warnings({ budgets, router: { order, downgrade: { steps: order }, weights } })).toEqual([]);
  });

  it('unless another router has parts of a score of its own', async () => {
    const router: Router = {
      kind: 'router',
      plan: (_request, { options }) => ({
        candidates: options.map(({ target }) => ({ target, score: 1, scoreParts: {} })),
        rejected: [],
      }),
    };
    expect(await warnings({ router: { weights: { smart: { luck: 2 } } } }, [router])).toEqual([]);
  });

  it('and a policy that is none is refused', () => {
    const weights = { smrt: { cost: 1 } } as NonNullable<RouterOptions['weights']>;
    expect(() => createVibe({ plugins: [provider], router: { weights } })).toThrow(
      'router.weights.smrt: unknown option. Known are smart, cheap, fast, quality, fixed.',
    );
  });
});
