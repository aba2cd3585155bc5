import { describe, expect, it } from 'vitest';
import { deferred } from '../../test/deferred.js';
import { fails, failure, says, scripted, testPrices } from '../../test/scripted-provider.js';
import { createVibe } from '../create-vibe.js';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { Budget } from '../spec/budget.js';
import type { Hold, Ledger } from '../spec/ledger.js';
import type { RequestBase } from '../spec/request.js';

/** Two providers; the first is preferred and cannot answer. */
function twoProviders(budgets: readonly Budget[], firstFails = fails('provider_unavailable', 'down')) {
  const first = scripted(firstFails, { id: 'first', models: [{ id: 'one' }] });
  const second = scripted(says('from the second'), { id: 'second', models: [{ id: 'two' }] });
  const ledger = memoryLedger();
  const vibe = createVibe({
    plugins: [first, second, testPrices, ledger],
    budgets: [...budgets],
    router: { policy: 'fixed', order: ['first/one', 'second/two'] },
    mode: 'strict_budget',
    defaults: { retry: { attempts: 2 } },
  });
  const spent = async () => {
    const states = await vibe.budgets();
    return Object.fromEntries(states.map(({ id, spentNanoUsd, heldNanoUsd }) => [id, [spentNanoUsd, heldNanoUsd]]));
  };
  return { vibe, first, second, spent };
}

const ask: RequestBase & { prompt: string } = { prompt: 'Hi', route: 'fixed' };

describe('a call that fails over to a provider with a budget of its own', () => {
  it('holds there before it sends, and charges each budget for its own attempts', async () => {
    const { vibe, spent } = twoProviders([
      { id: 'all', window: 'day', limitUsd: 1 },
      { id: 'of the first', window: 'day', limitUsd: 1, provider: 'first' },
      { id: 'of the second', window: 'day', limitUsd: 1, provider: 'second' },
    ]);
    const extended: string[] = [];
    vibe.on('extend', ({ target }) => extended.push(target.provider));
    const response = await vibe.generate(ask);
    expect(response.text).toBe('from the second');
    expect(extended).toEqual(['second']);
    const { actualNanoUsd } = response.cost;
    expect(actualNanoUsd).toBeGreaterThan(0);
    expect(await spent()).toEqual({
      all: [actualNanoUsd, 0],
      'of the first': [0, 0],
      'of the second': [actualNanoUsd, 0],
    });
  });

  it('leaves what a failed attempt may have cost with the provider that failed', async () => {
    const { vibe, spent } = twoProviders(
      [
        { id: 'of the first', window: 'day', limitUsd: 1, provider: 'first' },
        { id: 'of the second', window: 'day', limitUsd: 1, model: 'two' },
      ],
      fails('timeout', 'no first chunk'),
    );
    const { attempts } = await vibe.generate(ask);
    const [lost, answered] = attempts;
    expect(lost?.actualNanoUsd).toBeGreaterThan(0);
    expect(await spent()).toEqual({
      'of the first': [lost?.actualNanoUsd, 0],
      'of the second': [answered?.actualNanoUsd, 0],
    });
  });

  it('is not sent where that budget has no room, and fails with what went wrong before', async () => {
    const { vibe, second, spent } = twoProviders([
      { id: 'all', window: 'day', limitUsd: 1 },
      { id: 'of the second', window: 'day', limitUsd: 0.000_000_001, provider: 'second' },
    ]);
    expect((await failure(vibe.generate(ask))).code).toBe('provider_unavailable');
    expect(second.calls).toEqual([]);
    expect(await spent()).toEqual({ all: [0, 0], 'of the second': [0, 0] });
  });
});

describe('a call with maxCostUsd', () => {
  it('starts no further attempt that could take the call beyond it, and fails with what went wrong before', async () => {
    const { vibe, first, second } = twoProviders([], fails('timeout', 'no first chunk'));
    const { worstCaseUsd } = await vibe.estimate(ask);
    const error = await failure(vibe.generate({ ...ask, maxCostUsd: worstCaseUsd as number }));
    expect([error.code, first.calls.length, second.calls.length]).toEqual(['timeout', 1, 0]);
    const twice = await vibe.generate({ ...ask, maxCostUsd: 2 * (worstCaseUsd as number) });
    expect(twice.text).toBe('from the second');
  });

  it('tries again after an attempt that cost nothing', async () => {
    const { vibe, second } = twoProviders([]);
    const { worstCaseUsd } = await vibe.estimate(ask);
    await vibe.generate({ ...ask, maxCostUsd: worstCaseUsd as number });
    expect(second.calls).toHaveLength(1);
  });
});

describe('a call that a budget refuses', () => {
  it('names the routes whose worst case would have fitted', async () => {
    const small = scripted(says('ok'), { id: 'small', models: [{ id: 'cheap', maxOutputTokens: 10 }] });
    const large = scripted(says('ok'), {
      id: 'large',
      models: [{ id: 'dear' }, { id: 'dearer', maxOutputTokens: 2_000 }],
    });
    const probe = createVibe({ plugins: [small, large, testPrices] });
    const { worstCaseUsd } = await probe.estimate({ model: 'cheap', prompt: 'Hi' });
    const vibe = createVibe({
      plugins: [small, large, testPrices],
      budgets: [{ window: 'day', limitUsd: worstCaseUsd as number }],
    });
    const error = await failure(vibe.generate({ model: 'dear', prompt: 'Hi' }));
    expect(error.code).toBe('budget_exceeded');
    expect(error.details['cheaperRoutes']).toEqual([{ model: 'small@main/cheap', worstCaseUsd }]);
    expect(error.next[0]).toContain('small@main/cheap');
  });
});

describe('a call whose ledger waits for its disk', () => {
  function waitingLedger() {
    const right = memoryLedger();
    const waiting = deferred<void>();
    const settled: string[] = [];
    const asked = deferred<void>();
    const ledger: Ledger = {
      ...right,
      hold: async (request): Promise<Hold> => {
        asked.resolve(undefined);
        await waiting.promise;
        return right.hold(request);
      },
      settle: async (callId, settlement) => {
        await right.settle(callId, settlement);
        settled.push(settlement.status);
      },
    };
    return { ledger, go: () => waiting.resolve(undefined), asked: asked.promise, settled };
  }

  it('ends at once when its caller leaves, and frees the hold that comes too late', async () => {
    const { ledger, go, asked, settled } = waitingLedger();
    const provider = scripted(says('never'));
    const vibe = createVibe({ plugins: [provider, testPrices, ledger], budgets: [{ window: 'day', limitUsd: 1 }] });
    const leaving = new AbortController();
    const call = failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', signal: leaving.signal }));
    await asked;
    leaving.abort();
    expect((await call).code).toBe('cancelled');
    expect(settled).toEqual([]);
    go();
    await expect.poll(() => settled).toEqual(['cancelled']);
    expect(await vibe.budgets()).toMatchObject([{ spentNanoUsd: 0, heldNanoUsd: 0 }]);
    expect(provider.calls).toEqual([]);
  });

  it('is told as ended once, by what has ended it', async () => {
    const { ledger, go, asked, settled } = waitingLedger();
    const vibe = createVibe({ plugins: [scripted(says('never')), testPrices, ledger] });
    const told: string[] = [];
    vibe.on('blocked', ({ status }) => void told.push(`blocked ${status}`));
    vibe.on('settle', ({ status }) => void told.push(`settle ${status}`));
    const call = failure(vibe.generate({ model: 'acme-1', prompt: 'Hi', timeout: { totalMs: 1 } }));
    await asked;
    expect((await call).code).toBe('timeout');
    go();
    await expect.poll(() => settled).toEqual(['failed']);
    await vibe.close();
    expect(told).toEqual(['blocked failed']);
  });
});
