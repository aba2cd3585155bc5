import { describe, expect, it } from 'vitest';
import { optionsSchema } from './options.js';
import { priceFileSchema } from './schema.js';

const price = {
  provider: 'qwen',
  model: 'qwen-plus',
  region: 'sg',
  unit: 'input_token',
  price: '0.32',
  per: 1_000_000,
};
const tier = { provider: 'qwen', model: '*', serviceTier: 'batch', multiplier: '0.5' };

describe('a file of prices and the options of the plugin', () => {
  const good = [
    {},
    { prices: [price] },
    {
      prices: [{ ...price, currency: 'CNY', effectiveFrom: '2026-01-01', effectiveTo: '2026-02-01', note: 'contract' }],
    },
    { prices: [{ ...price, tier: { fromTokens: 0, toTokens: null, rule: 'marginal' } }] },
    { currencies: [{ currency: 'CNY', usdPerUnit: '0.14' }] },
    { serviceTiers: [tier] },
  ];
  const bad = [
    { prices: {} },
    { prices: [{ ...price, price: 0.32 }] },
    { prices: [{ ...price, price: '3e-7' }] },
    { prices: [{ ...price, per: 0 }] },
    { prices: [{ ...price, model: undefined }] },
    { prices: [{ ...price, tier: { fromTokens: -1, toTokens: null } }] },
    { prices: [{ ...price, effectiveFrom: '1.1.2026' }] },
    { currencies: [{ currency: 'CNY', usdPerUnit: 0.14 }] },
    { serviceTiers: [{ ...tier, multiplier: 0.5 }] },
    { discounts: [] },
  ];

  it.each(good)('agree that this is one: %j', async (value) => {
    expect(priceFileSchema.safeParse(value).error).toBeUndefined();
    expect(await optionsSchema['~standard'].validate(value)).toEqual({ value });
  });

  it.each(bad)('agree that this is none: %j', async (value) => {
    expect(priceFileSchema.safeParse(value).success).toBe(false);
    expect(await optionsSchema['~standard'].validate(value)).toHaveProperty('issues');
  });
});
