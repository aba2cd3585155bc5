import { describe, expect, it } from 'vitest';
import { fails, failure, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { VibeOptions } from '../spec/options.js';
import type { RouterOptions } from '../spec/router.js';

const premium = { id: 'large', tier: 'premium', maxOutputTokens: 1_000 } as const;
const standard = { id: 'middle-cheap', tier: 'standard', maxOutputTokens: 1_000 } as const;
const economy = { id: 'small-cheap', tier: 'economy', maxOutputTokens: 500 } as const;

/** `large` costs ten times what the others do: its worst case is about two tenths of a cent. */
function world({ router, ...options }: Partial<VibeOptions> = {}, isDown = () => false) {
  const provider = scripted(
    (call) => (call.model.id === 'large' && isDown() ? fails('provider_unavailable', 'down')(call) : says('ok')(call)),
    { models: [premium, standard, economy] },
  );
  const ledger = memoryLedger();
  const rows: (string | undefined)[] = [];
  const { settle } = ledger;
  ledger.settle = (id, settlement) => {
    rows.push(settlement.downgradedFrom?.model);
    return settle(id, settlement);
  };
  const vibe = createVibe({
    plugins: [provider, testPrices, ledger],
    breaker: { failures: 1 },
    router: { policy: 'quality', ...router },
    ...options,
  });
  const told: string[] = [];
  vibe.on('downgrade', ({ from, to, reason }) => told.push(`${from.model} to ${to.model}: ${reason}`));
  return { vibe, told, rows, sent: () => provider.calls.map(({ model }) => model.id) };
}

const tight = { budgets: [{ window: 'day', limitUsd: 0.0005 }], mode: 'strict_budget' } as const;
const prompt = 'Hi';

describe('a budget that is too small for the first choice', () => {
  it('is met by the next one that fits, and that is told in the event, the answer and the ledger', async () => {
    const { vibe, told, rows, sent } = world(tight);
    const response = await vibe.generate({ prompt });
    expect(response.providerMeta.model).toBe('middle-cheap');
    expect(response.downgradedFrom?.model).toBe('large');
    expect(told).toEqual([expect.stringMatching(/^large to middle-cheap: .*budget/i)]);
    expect(rows).toEqual(['large']);
    expect(sent()).toEqual(['middle-cheap']);
  });

  it('is met only by the steps that are configured', async () => {
    const { vibe, sent } = world({ ...tight, router: { downgrade: { steps: ['acme/small-cheap'] } } });
    expect((await vibe.generate({ prompt })).downgradedFrom?.model).toBe('large');
    expect(sent()).toEqual(['small-cheap']);
  });

  it('is met by a step of its own when a model was asked for by name, in the order of the steps', async () => {
    const steps = ['unknown', 'large', 'small-cheap', 'middle-cheap'];
    const { vibe, told, rows } = world({ ...tight, router: { downgrade: { steps } } });
    expect((await vibe.generate({ model: 'large', prompt })).providerMeta.model).toBe('small-cheap');
    expect(told).toHaveLength(1);
    expect(rows).toEqual(['large']);
    const without = world(tight);
    expect(await failure(without.vibe.generate({ model: 'large', prompt }))).toMatchObject({ code: 'budget_exceeded' });
    expect(without.sent()).toEqual([]);
  });

  it('refuses the call when the lowest tier forbids the step, and says so', async () => {
    const { vibe, told, sent } = world({
      ...tight,
      router: { downgrade: { minTier: 'standard', steps: ['small-cheap'] } },
    });
    const error = await failure(vibe.generate({ prompt }));
    expect(error.code).toBe('budget_exceeded');
    expect(error.next.join(' ')).toContain(
      'small-cheap @ acme/main may not stand in: its tier is economy, router.downgrade.minTier is standard.',
    );
    expect(error.next.join(' ')).toContain('it is not among router.downgrade.steps');
    expect([told, sent()]).toEqual([[], []]);
  });

  it('refuses the call when downgrades are off', async () => {
    const { vibe, sent } = world({ ...tight, router: { downgrade: { allow: false } } });
    const error = await failure(vibe.generate({ prompt }));
    expect(error.code).toBe('budget_exceeded');
    expect(error.next.join(' ')).toContain('router.downgrade.allow is false');
    expect(sent()).toEqual([]);
  });
});

describe('an estimate', () => {
  it('says what the call would do: downgrade, take a step, or be refused', async () => {
    const verdict = async (router: RouterOptions, model?: string) => {
      const { vibe } = world({ ...tight, router });
      return (await vibe.estimate({ prompt, ...(model === undefined ? {} : { model }) })).verdict;
    };
    expect(await verdict({})).toMatchObject({ allowed: true });
    expect(await verdict({ downgrade: { allow: false } })).toMatchObject({
      allowed: false,
      refusedBy: { window: 'day' },
    });
    expect(await verdict({ downgrade: { steps: ['small-cheap'] } }, 'large')).toMatchObject({ allowed: true });
    expect(await verdict({}, 'large')).toMatchObject({ allowed: false });
  });

  it.each([
    ['its price', { maxCostUsd: 0.001 }],
    ['its region', { regions: ['us'] }],
  ])(
    'takes no step where a rule of the request refuses what was asked for, as the call takes none: %s',
    async (_, rule) => {
      const request = { model: 'large', prompt, ...rule };
      const { vibe, sent } = world({ router: { downgrade: { steps: ['small-cheap'] } } });
      expect((await vibe.estimate(request)).verdict).toEqual({ allowed: false, limiterWaitMs: 0 });
      expect(
        (await vibe.generate({ ...request, dryRun: true }).catch(() => null))?.plan?.verdict.allowed ?? false,
      ).toBe(false);
      await failure(vibe.generate(request));
      expect(sent()).toEqual([]);
    },
  );
});

describe('a model of which all endpoints are down', () => {
  const trip = async (given: ReturnType<typeof world>) => {
    await failure(given.vibe.generate({ model: 'large', prompt, retry: { attempts: 1 } }));
    given.told.length = 0;
    given.rows.length = 0;
  };
  const down = () => true;

  it('is replaced by a lesser one, and that is told', async () => {
    const given = world({}, down);
    await trip(given);
    const response = await given.vibe.generate({ prompt });
    expect(response.providerMeta.model).toBe('middle-cheap');
    expect(response.downgradedFrom?.model).toBe('large');
    expect(given.told).toEqual(['large to middle-cheap: its circuit is open after repeated failures']);
    expect(given.rows).toEqual(['large']);
  });

  it('is replaced by a step when it was asked for by name', async () => {
    const given = world({ router: { downgrade: { steps: ['small-cheap'] } } }, down);
    await trip(given);
    const response = await given.vibe.generate({ model: 'large', prompt });
    expect([response.providerMeta.model, response.downgradedFrom?.model]).toEqual(['small-cheap', 'large']);
    expect(given.told).toHaveLength(1);
  });

  it('is not replaced below the lowest tier, by nothing but the steps, or at all when downgrades are off', async () => {
    const rules = [
      [{ minTier: 'premium' }, 'router.downgrade.minTier is premium'],
      [{ steps: ['large'] }, 'it is not among router.downgrade.steps'],
      [{ allow: false }, 'router.downgrade.allow is false'],
    ] as const;
    for (const [downgrade, reason] of rules) {
      const given = world({ router: { downgrade } }, down);
      await trip(given);
      const error = await failure(given.vibe.generate({ prompt }));
      expect(error).toMatchObject({ code: 'circuit_open', retryable: true });
      expect(error.message).toContain(`it would be a downgrade from large @ acme/main, and `);
      expect(error.message).toContain(reason);
      expect(given.sent()).toEqual(['large']);
    }
  });

  it('says why no step may stand in for it', async () => {
    const given = world({ router: { downgrade: { minTier: 'standard', steps: ['small-cheap'] } } }, down);
    await trip(given);
    const error = await failure(given.vibe.generate({ model: 'large', prompt }));
    expect(error.code).toBe('circuit_open');
    expect(error.next.join(' ')).toContain('its tier is economy, router.downgrade.minTier is standard');
  });

  it('is told as a downgrade when it goes down under the call', async () => {
    const given = world({}, down);
    const response = await given.vibe.generate({ prompt, retry: { attempts: 3 } });
    expect(response.downgradedFrom?.model).toBe('large');
    expect(given.told).toHaveLength(1);
    const bound = world({ router: { downgrade: { minTier: 'premium' } } }, down);
    expect(await failure(bound.vibe.generate({ prompt, retry: { attempts: 1 } }))).toMatchObject({
      code: 'provider_unavailable',
    });
    expect(bound.sent()).toEqual(['large']);
  });
});
