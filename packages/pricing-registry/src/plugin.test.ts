import { type DeferredPart, VibeError, type Warning } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import byDefault, { type PriceRegistry, type PricingRegistryOptions, pricingRegistry } from './index.js';

const todayMs = Date.UTC(2026, 10, 22);

function created(plugin: DeferredPart, nowMs = todayMs): { registry: PriceRegistry; warnings: Warning[] } {
  const warnings: Warning[] = [];
  const part = plugin.create({ now: () => nowMs, random: () => 0, warn: (warning) => warnings.push(warning) });
  return { registry: part as PriceRegistry, warnings };
}

function refusal(options: unknown): string {
  try {
    pricingRegistry(options as PricingRegistryOptions);
  } catch (error) {
    if (VibeError.is(error, 'config')) return error.message;
    throw error;
  }
  return 'accepted';
}

const usage = { quantities: { input_token: 1_000_000 }, unknown: false, source: 'provider' as const };
const price = {
  provider: 'qwen',
  model: 'qwen-plus',
  region: 'sg',
  unit: 'input_token',
  price: '0.32',
  per: 1_000_000,
};

describe('pricingRegistry', () => {
  it('is a pricing plugin, also by default export', () => {
    expect(byDefault).toBe(pricingRegistry);
    expect(pricingRegistry.pluginName).toBe('@vibe/pricing-registry');
    const { registry, warnings } = created(pricingRegistry());
    expect(registry.kind).toBe('pricing');
    expect(registry.rates({ provider: 'gemini', atMs: todayMs }).length).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  });

  it('puts negotiated prices, new models and exchange rates on top of the built-in list', () => {
    const { registry } = created(
      pricingRegistry({
        prices: [price, { ...price, model: 'my-tuned-qwen', region: 'cn', currency: 'CNY', price: '1' }],
        currencies: [{ currency: 'CNY', usdPerUnit: '0.2' }],
      }),
    );
    const negotiated = registry.price({ provider: 'qwen', model: 'qwen-plus', region: 'sg', atMs: todayMs, usage });
    expect(negotiated).toMatchObject({
      totalNanoUsd: 320_000_000,
      priceIds: ['user/qwen/qwen-plus/sg/input_token@2025-01-01'],
    });
    const tuned = registry.price({ provider: 'qwen', model: 'my-tuned-qwen', region: 'cn', atMs: todayMs, usage });
    expect(tuned).toMatchObject({ totalNanoUsd: 200_000_000, currency: 'CNY', fxRate: 0.2 });
  });

  it('warns of slips in the given prices, but takes a price of zero for what it says', () => {
    const free = { ...price, model: 'local', price: '0' };
    const overlapping = { ...price, effectiveFrom: '2026-06-01', id: 'second' };
    const { warnings } = created(
      pricingRegistry({ prices: [free, price, overlapping, { ...free, model: 'x', currency: 'EUR' }] }),
    );
    expect(warnings.map((warning) => warning.details?.['kind'])).toEqual(['unknown_currency', 'date_overlap']);
    const { registry } = created(pricingRegistry({ prices: [free] }));
    expect(registry.price({ provider: 'qwen', model: 'local', region: 'sg', atMs: todayMs, usage })?.totalNanoUsd).toBe(
      0,
    );
  });

  it('warns once the newest verification is older than the given days', () => {
    const laterMs = todayMs + 400 * 86_400_000;
    expect(created(pricingRegistry(), laterMs).warnings).toMatchObject([{ code: 'prices_stale' }]);
    expect(created(pricingRegistry({ warnAgeDays: 0 }), laterMs).warnings).toEqual([]);
    expect(created(pricingRegistry({ warnAgeDays: 1000 }), laterMs).warnings).toEqual([]);
  });

  it.each([
    ['a list instead of options', [], 'options: must be an object'],
    ['an unknown option', { pricess: [] }, 'options.pricess: unknown option'],
    ['prices that are no list', { prices: {} }, 'options.prices: must be a list'],
    ['a price that is no object', { prices: ['1'] }, 'options.prices.0: must be an object'],
    ['a price as a number', { prices: [{ ...price, price: 0.32 }] }, 'options.prices.0.price: must be a decimal'],
    ['a price in words', { prices: [{ ...price, price: '1e-3' }] }, 'options.prices.0.price: must be a decimal'],
    ['a price for no number of units', { prices: [{ ...price, per: 0 }] }, 'options.prices.0.per: must be a positive'],
    ['a missing model', { prices: [{ ...price, model: undefined }] }, 'options.prices.0.model: must be a text'],
    ['a bad currency', { prices: [{ ...price, currency: 7 }] }, 'options.prices.0.currency: must be a text'],
    [
      'a bad day',
      { prices: [{ ...price, effectiveFrom: '1.12.2026' }] },
      'options.prices.0.effectiveFrom: must be a day',
    ],
    [
      'a bad tier',
      { prices: [{ ...price, tier: { fromTokens: -1 } }] },
      'options.prices.0.tier.fromTokens: must be a number',
    ],
    [
      'a bad tier rule',
      { prices: [{ ...price, tier: { fromTokens: 0, toTokens: null, rule: 'x' } }] },
      'tier.rule: must be',
    ],
    [
      'a rate that is no decimal',
      { currencies: [{ currency: 'CNY', usdPerUnit: 7 }] },
      'options.currencies.0.usdPerUnit',
    ],
    ['a bad covers', { prices: [{ ...price, covers: 'input_token' }] }, 'options.prices.0.covers: must be a list'],
    ['a bad thinking', { prices: [{ ...price, thinking: 'yes' }] }, 'options.prices.0.thinking: must be'],
    ['a bad age', { warnAgeDays: -1 }, 'options.warnAgeDays: must be a number of days'],
  ])('refuses %s and names the path', (_name, options, message) => {
    expect(refusal(options)).toContain(message);
  });
});
