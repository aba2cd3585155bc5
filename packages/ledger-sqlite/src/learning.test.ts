import { createVibe, memoryLimiter, type Pricing, type Provider, type RouterOptions, VibeError } from '@vibe/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acme } from '../test/acme.js';
import { openLedger, type TestLedger, temporaryFolder } from '../test/fixture.js';

/** What a call to a model is like now; tests change it while the program runs. */
interface Weather {
  latencyMs: number;
  isDown: boolean;
  outputTokens: number;
  nanoUsdPerToken: number;
}

const fair: Weather = { latencyMs: 500, isDown: false, outputTokens: 10, nanoUsdPerToken: 1_000 };

/** Two models on a clock that only their answers move. */
function world(first: Partial<Weather>, second: Partial<Weather>) {
  const weather = { first: { ...fair, ...first }, second: { ...fair, ...second } };
  const of = (model: string) => (model === 'first' ? weather.first : weather.second);
  const clock = { nowMs: Date.parse('2026-11-22T10:00:00Z') };
  const [manifest] = acme().models;
  const provider: Provider = {
    ...acme(),
    models: ['first', 'second'].map((id) => ({ ...manifest!, id })),
    async *stream(call) {
      const { latencyMs, isDown, outputTokens } = of(call.model.id);
      clock.nowMs += latencyMs;
      if (isDown) throw new VibeError('provider_unavailable', 'down');
      const content = [{ type: 'text', text: 'ok' }] as const;
      const usage = { quantities: { output_token: outputTokens }, unknown: false, source: 'provider' } as const;
      const result = { content, finishReason: 'stop', rawFinishReason: 'stop', usage } as const;
      yield { type: 'final', result: { ...result, servedModel: null, requestId: null } };
    },
  };
  const prices: Pricing = {
    kind: 'pricing',
    price: ({ model, usage }) => {
      const quantity = usage.quantities.output_token ?? 0;
      const nanoUsd = quantity * of(model).nanoUsdPerToken;
      const lines = [{ unit: 'output_token', quantity, nanoUsd, usd: nanoUsd / 1e9, priceId: 'acme' }];
      return { lines, totalNanoUsd: nanoUsd, priceIds: ['acme'], currency: 'USD', fxRate: null };
    },
    rates: () => [],
  };
  const path = `${temporaryFolder()}/ledger.db`;
  const start = (router: RouterOptions) => {
    const ledger = openLedger({ path, now: () => clock.nowMs });
    const vibe = createVibe(
      { plugins: [provider, prices, ledger, memoryLimiter(() => clock.nowMs)], router, breaker: { failures: 1_000 } },
      { now: () => clock.nowMs },
    );
    onTestFinished(() => vibe.close().catch(() => undefined));
    const ask = async (model: string, times = 1) => {
      let answeredBy = '';
      for (let call = 0; call < times; call++) {
        const retry = { attempts: 1 };
        answeredBy = await vibe.generate({ model, prompt: 'Hi', retry }).then(
          ({ providerMeta }) => providerMeta.model,
          () => 'nobody',
        );
      }
      await ledger.flush();
      return answeredBy;
    };
    return { vibe, ledger, ask, chosen: () => chosen(ask, ledger, clock, router) };
  };
  return { weather, clock, start };
}

/** Who gets the next call once the statistics are as old as they may be: one call has them asked for, the next one uses them. */
async function chosen(
  ask: (model: string) => Promise<string>,
  ledger: TestLedger,
  clock: { nowMs: number },
  { statsMaxAgeMs = 5_000 }: RouterOptions,
): Promise<string> {
  clock.nowMs += statsMaxAgeMs;
  await ask('auto');
  // Behind the statistics in the reader's line: when this is answered, they are.
  await ledger.stats({});
  return ask('auto');
}

describe('what the ledger has seen', () => {
  it('moves calls away from a model that has become slow, within the age that statistics may have', async () => {
    const { weather, start } = world({ latencyMs: 300 }, { latencyMs: 900 });
    const { ask, chosen } = start({ policy: 'fast' });
    await ask('first', 10);
    await ask('second', 10);
    expect(await chosen()).toBe('first');
    weather.first.latencyMs = 9_000;
    await ask('first', 10);
    expect(await chosen()).toBe('second');
  });

  it('moves calls away from a model that fails', async () => {
    const { weather, start } = world({}, { nanoUsdPerToken: 1_050 });
    const { ask, chosen } = start({ policy: 'cheap' });
    await ask('first', 20);
    expect(await chosen()).toBe('first');
    weather.first.isDown = true;
    await ask('first', 20);
    expect(await chosen()).toBe('second');
  });

  it('finds out that a model uses more than was expected', async () => {
    const { start } = world({ outputTokens: 90 }, { nanoUsdPerToken: 1_500 });
    const { ask, chosen } = start({ policy: 'cheap' });
    expect(await chosen()).toBe('first');
    await ask('first', 20);
    await ask('second', 20);
    expect(await chosen()).toBe('second');
  });

  it('does not stand against a new price', async () => {
    const { weather, start } = world({}, { nanoUsdPerToken: 1_200 });
    const { ask } = start({ policy: 'cheap' });
    expect(await ask('auto', 30)).toBe('first');
    weather.first.nanoUsdPerToken = 2_000;
    expect(await ask('auto')).toBe('second');
  });

  it('is still known after a restart', async () => {
    const { start } = world({ latencyMs: 4_000 }, { latencyMs: 300 });
    const before = start({ policy: 'fast' });
    expect(await before.ask('auto')).toBe('first');
    await before.ask('first', 20);
    await before.ask('second', 20);
    await before.vibe.close();
    const after = start({ policy: 'fast' });
    const { routes } = await after.vibe.estimate({ prompt: 'Hi' });
    expect(routes.map(({ target }) => target.model)).toEqual(['second', 'first']);
    expect(await after.ask('auto')).toBe('second');
  });

  it('is asked for no more often than it may be old, and never by a call that waits for it', async () => {
    const { clock, start } = world({ latencyMs: 0 }, {});
    const { ledger, vibe } = start({ statsMaxAgeMs: 1_000 });
    let asked = 0;
    const { stats } = ledger;
    ledger.stats = async (query) => {
      asked++;
      // The first answer is waited for a moment; none of the others ever comes.
      return asked === 1 ? stats(query) : new Promise(() => undefined);
    };
    for (let call = 0; call < 5; call++) await vibe.generate({ model: 'first', prompt: 'Hi' });
    expect(asked).toBe(1);
    clock.nowMs += 1_000;
    for (let call = 0; call < 5; call++) await vibe.generate({ model: 'first', prompt: 'Hi' });
    expect(asked).toBe(2);
  });
});
