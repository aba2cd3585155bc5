import { createVibe, type Ledger, memoryLedger, type Provider } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { createRegistry } from './registry.js';
import { rerate } from './rerate.js';
import { type PriceInput, toPriceRow, toServiceTierRow } from './rows.js';

const startMs = Date.UTC(2026, 10, 22);
const row = (price: string, fields: Partial<PriceInput> = {}) =>
  toPriceRow({
    provider: 'acme',
    model: 'a',
    region: 'global',
    unit: 'output_token',
    price,
    per: 1_000_000,
    ...fields,
  });
const registry = (...rows: readonly ReturnType<typeof row>[]) =>
  createRegistry({
    prices: rows,
    currencies: [],
    aliases: [],
    serviceTiers: [toServiceTierRow({ provider: 'acme', model: '*', serviceTier: 'flex', multiplier: '0.5' })],
  });

/** Answers with as many tokens as the prompt says. */
const acme: Provider = {
  kind: 'provider',
  id: 'acme',
  endpoints: [{ id: 'main', region: 'global', baseUrl: 'http://127.0.0.1', keyPresent: () => true }],
  models: [
    {
      id: 'a',
      operations: ['chat'],
      input: ['text'],
      output: ['text'],
      streams: true,
      tools: false,
      structured: false,
      reasoning: false,
      tier: 'standard',
      maxOutputTokens: 100,
    },
  ],
  async *stream({ request }) {
    const [tokens = '0', serviceTier] =
      JSON.stringify(request)
        .match(/\d+( flex)?(?=")/)?.[0]
        .split(' ') ?? [];
    const quantities = { output_token: Number(tokens) };
    const tier = serviceTier === undefined ? {} : { serviceTier };
    yield {
      type: 'final',
      result: {
        content: [{ type: 'text', text: 'x' }],
        finishReason: 'stop',
        rawFinishReason: 'stop',
        usage: { quantities, unknown: false, source: 'provider', ...tier },
        servedModel: null,
        requestId: null,
      },
    };
  },
};

async function spent(prices: ReturnType<typeof registry>, ...prompts: readonly string[]) {
  let nowMs = startMs;
  const ledger = memoryLedger({ timezone: 'UTC', now: () => nowMs });
  const vibe = createVibe(
    { plugins: [acme, prices, ledger], budgets: [{ window: 'total', limitUsd: 1 }] },
    { now: () => nowMs },
  );
  for (const prompt of prompts) {
    await vibe.generate({ model: 'a', prompt });
    nowMs += 86_400_000;
  }
  return { ledger, total: async () => (await ledger.report({ sinceMs: 0, untilMs: nowMs })).totals.costNanoUsd };
}

function again(ledger: Ledger, prices: ReturnType<typeof registry>, write: boolean) {
  const { calls, correct } = ledger.admin ?? {};
  if (calls === undefined || correct === undefined) throw new Error('the ledger shows no calls');
  return rerate({ calls, correct }, prices, { sinceMs: startMs, reason: 'new list', write });
}

describe('re-rating', () => {
  it('corrects every call by its difference, once, and leaves the rows', async () => {
    const { ledger, total } = await spent(registry(row('2')), '10', '20');
    expect(await total()).toBe(60_000);
    const dearer = registry(row('3'));
    const preview = await again(ledger, dearer, false);
    expect(preview).toMatchObject({ calls: 2, unpriced: 0 });
    expect(preview.changed.map(({ deltaNanoUsd }) => deltaNanoUsd)).toEqual([10_000, 20_000]);
    expect(await total()).toBe(60_000);
    await again(ledger, dearer, true);
    expect(await total()).toBe(90_000);
    expect((await again(ledger, dearer, true)).changed).toEqual([]);
    const calls = (await ledger.admin?.calls?.()) ?? [];
    expect(calls.map(({ attempts }) => attempts[0]?.actualNanoUsd)).toEqual([20_000, 40_000]);
    await again(ledger, registry(row('1')), true);
    expect(await total()).toBe(30_000);
  });

  it('takes the list of the day on which each call was made', async () => {
    const { ledger, total } = await spent(registry(row('2')), '10', '10');
    const dated = registry(row('2', { effectiveTo: '2026-11-23' }), row('5', { effectiveFrom: '2026-11-23' }));
    await again(ledger, dated, true);
    expect(await total()).toBe(20_000 + 50_000);
  });

  it('keeps the service tier a call was billed by', async () => {
    const { ledger, total } = await spent(registry(row('2')), '10 flex');
    expect(await total()).toBe(10_000);
    await again(ledger, registry(row('4')), true);
    expect(await total()).toBe(20_000);
  });

  it('takes no plus in the name of a model for a service tier', async () => {
    const named = (price: string) => registry(row(price, { id: `user/acme/a+b/global/output_token@2025-01-01` }));
    const { ledger, total } = await spent(named('2'), '10', '10 flex');
    await again(ledger, named('4'), true);
    expect(await total()).toBe(40_000 + 20_000);
  });

  it('prices what nobody could price, and leaves alone what nobody can price now', async () => {
    const { ledger, total } = await spent(registry(), '10');
    expect(await total()).toBe(0);
    expect(await again(ledger, registry(), true)).toEqual({ calls: 1, changed: [], unpriced: 1 });
    await again(ledger, registry(row('2')), true);
    expect(await total()).toBe(20_000);
  });
});
