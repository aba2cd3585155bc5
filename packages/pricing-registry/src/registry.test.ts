import type { PriceQuery } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { createRegistry, type RegistryData } from './registry.js';
import { type AliasRow, type PriceInput, type PriceRow, toFxRow, toPriceRow } from './rows.js';

const switchMs = Date.UTC(2026, 11, 1);
const origin = { effectiveFrom: '2025-01-01', source: 'test', verifiedAt: '2026-11-01' };

function row(model: string, price: string, more: Partial<PriceInput> = {}): PriceRow {
  return toPriceRow({ provider: 'acme', model, region: 'eu', unit: 'input_token', price, per: 1_000_000, ...more });
}

function alias(name: string, model: string, more: Partial<AliasRow> = {}): AliasRow {
  return { provider: 'acme', alias: name, model, kind: 'same', ...origin, ...more };
}

function registryOf(data: Partial<RegistryData>) {
  return createRegistry({ prices: [], currencies: [], aliases: [], ...data });
}

function query(model: string, more: Partial<PriceQuery> = {}): PriceQuery {
  const usage = { quantities: { input_token: 1 }, unknown: false, source: 'provider' as const };
  return { provider: 'acme', model, region: 'eu', atMs: switchMs, usage, ...more };
}

describe('which model is priced', () => {
  const registry = registryOf({
    prices: [row('asked', '1'), row('served', '2'), row('elsewhere', '3', { region: 'us' })],
    aliases: [alias('latest', 'served')],
  });

  it('is the one that served, when the registry knows it', () => {
    expect(registry.price(query('asked', { servedModel: 'served' }))?.totalNanoUsd).toBe(2000);
    expect(registry.price(query('asked', { servedModel: 'models/served' }))?.totalNanoUsd).toBe(2000);
    expect(registry.price(query('asked', { servedModel: 'latest' }))?.totalNanoUsd).toBe(2000);
  });

  it('is the one that was asked for, when nobody said who served or the registry does not know it there', () => {
    expect(registry.price(query('models/asked'))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('asked', { servedModel: null }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('asked', { servedModel: 'served-2' }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('asked', { servedModel: 'elsewhere' }))?.totalNanoUsd).toBe(1000);
  });

  it('is unknown for a name that only looks similar, another region, another provider', () => {
    expect(registry.price(query('asked-2026-01-01'))).toBeNull();
    expect(registry.price(query('asked', { region: 'us' }))).toBeNull();
    expect(registry.price(query('asked', { provider: 'other' }))).toBeNull();
  });
});

describe('an alias', () => {
  it('counts only between its dates, and less than a price of its own', () => {
    const registry = registryOf({
      prices: [row('model', '1'), row('priced', '5')],
      aliases: [alias('name', 'model', { effectiveTo: '2026-12-01' }), alias('priced', 'model')],
    });
    expect(registry.price(query('name', { atMs: switchMs - 1 }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('name'))).toBeNull();
    expect(registry.price(query('priced'))?.totalNanoUsd).toBe(5000);
  });

  it('that is rerouted takes the dearer of the two until the answer names the model', () => {
    const rerouted = (name: string, model: string) =>
      alias(name, model, { kind: 'rerouted', effectiveFrom: '2026-12-01' });
    const registry = registryOf({
      prices: [row('cheap', '1'), row('dear', '9')],
      aliases: [rerouted('cheap', 'dear'), rerouted('dear', 'cheap')],
    });
    expect(registry.price(query('cheap', { atMs: switchMs - 1 }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('cheap'))?.totalNanoUsd).toBe(9000);
    expect(registry.price(query('dear'))?.totalNanoUsd).toBe(9000);
    expect(registry.price(query('dear', { servedModel: 'cheap' }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('cheap', { servedModel: 'cheap' }))?.totalNanoUsd).toBe(1000);
  });
});

describe('dates', () => {
  it('switch the price at midnight UTC and leave a time before or after all rows unpriced', () => {
    const registry = registryOf({
      prices: [
        row('m', '1', { effectiveTo: '2026-12-01' }),
        row('m', '2', { effectiveFrom: '2026-12-01', effectiveTo: '2027-01-01' }),
      ],
    });
    expect(registry.price(query('m', { atMs: switchMs - 1 }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('m', { atMs: switchMs }))?.totalNanoUsd).toBe(2000);
    expect(registry.price(query('m', { atMs: Date.UTC(2027, 0, 1) - 1 }))?.totalNanoUsd).toBe(2000);
    expect(registry.price(query('m', { atMs: Date.UTC(2027, 0, 1) }))).toBeNull();
    expect(registry.price(query('m', { atMs: Date.UTC(2024, 11, 31) }))).toBeNull();
  });
});

describe("a user's price", () => {
  const prices = [row('m', '1'), row('m', '8', { unit: 'output_token' })];
  const usage = { quantities: { input_token: 1, output_token: 1 }, unknown: false, source: 'provider' as const };

  it('wins over the built-in one of its unit and leaves the other units alone', () => {
    const registry = registryOf({ prices, userPrices: [row('m', '0.5')] });
    expect(registry.price(query('m', { usage }))?.lines.map((line) => line.nanoUsd)).toEqual([500, 8000]);
  });

  it('wins only while it is in force', () => {
    const registry = registryOf({ prices, userPrices: [row('m', '0.5', { effectiveFrom: '2026-12-01' })] });
    expect(registry.price(query('m', { atMs: switchMs - 1 }))?.totalNanoUsd).toBe(1000);
    expect(registry.price(query('m'))?.totalNanoUsd).toBe(500);
  });

  it('replaces all tiers of the unit', () => {
    const tiers = [
      row('m', '1', { tier: { fromTokens: 0, toTokens: 10 } }),
      row('m', '2', { tier: { fromTokens: 11, toTokens: null } }),
    ];
    const long = { quantities: { input_token: 11 }, unknown: false, source: 'provider' as const };
    const registry = registryOf({ prices: tiers, userPrices: [row('m', '0.5')] });
    expect(registry.price(query('m', { usage: long }))?.totalNanoUsd).toBe(5500);
  });

  it('of an alias leaves the other units to the model behind it', () => {
    const tier = (fromTokens: number, toTokens: number | null) => ({ tier: { fromTokens, toTokens } });
    const registry = registryOf({
      prices: [row('m', '1', tier(0, 10)), row('m', '2', tier(11, null)), ...prices.slice(1)],
      aliases: [alias('latest', 'm')],
      userPrices: [row('latest', '0.5', { effectiveFrom: '2026-12-01' })],
    });
    const nanoUsdOf = (input: number, more: Partial<PriceQuery> = {}) => {
      const quantities = { input_token: input, cached_input_token: 1, output_token: 1 };
      return registry
        .price(query('latest', { usage: { ...usage, quantities }, ...more }))
        ?.lines.map((line) => line.nanoUsd);
    };
    expect(nanoUsdOf(1)).toEqual([500, 500, 8000]);
    expect(nanoUsdOf(20)).toEqual([10_000, 500, 8000]);
    expect(nanoUsdOf(1, { atMs: switchMs - 1 })).toEqual([1000, 1000, 8000]);
    expect(nanoUsdOf(1, { model: 'm', servedModel: 'latest' })).toEqual([500, 500, 8000]);
    expect(nanoUsdOf(1, { servedModel: 'm' })).toEqual([1000, 1000, 8000]);
  });

  it('can add a model, and an exchange rate of their own', () => {
    const registry = registryOf({
      currencies: [toFxRow({ currency: 'CNY', usdPerUnit: '0.14' })],
      userPrices: [row('new', '1', { currency: 'CNY' })],
      userCurrencies: [toFxRow({ currency: 'CNY', usdPerUnit: '0.2' })],
    });
    expect(registry.price(query('new'))).toMatchObject({ totalNanoUsd: 200, currency: 'CNY', fxRate: 0.2 });
  });
});

describe('a row that is not well-formed', () => {
  it('prices nothing', () => {
    const registry = registryOf({
      prices: [row('a', 'free'), row('b', '1', { per: 0 }), row('c', '1', { effectiveFrom: 'soon' })],
    });
    for (const model of ['a', 'b', 'c']) expect(registry.price(query(model))).toBeNull();
  });
});

describe('rates', () => {
  const registry = registryOf({
    prices: [
      row('m', '1', { effectiveTo: '2026-12-01', id: 'old' }),
      row('m', '2', { effectiveFrom: '2026-12-01', id: 'new', conflicts: ['another says 3'] }),
      row('m', '8', { unit: 'output_token', id: 'output' }),
      row('other', '1', { id: 'other', tier: { fromTokens: 0, toTokens: null } }),
    ],
    aliases: [alias('latest', 'm')],
    userPrices: [row('m', '0.5', { id: 'mine', effectiveFrom: '2027-01-01' })],
  });
  const ids = (rates: readonly { priceId: string }[]) => rates.map((rate) => rate.priceId).sort();

  it('lists every row, also the ones of another time', () => {
    expect(ids(registry.rates())).toEqual(['mine', 'new', 'old', 'other', 'output']);
    expect(ids(registry.rates({ model: 'm' }))).toEqual(['mine', 'new', 'old', 'output']);
  });

  it("lists what is in force at a time, a user's row instead of the one it hides", () => {
    expect(ids(registry.rates({ model: 'm', atMs: switchMs }))).toEqual(['new', 'output']);
    expect(ids(registry.rates({ model: 'm', atMs: Date.UTC(2027, 0, 1) }))).toEqual(['mine', 'output']);
    expect(ids(registry.rates({ model: 'models/latest', atMs: switchMs }))).toEqual(['new', 'output']);
    const ofAlias = registryOf({
      prices: [row('m', '1', { id: 'hidden' }), row('m', '8', { unit: 'output_token', id: 'output' })],
      aliases: [alias('latest', 'm')],
      userPrices: [row('latest', '0.5', { id: 'mine' })],
    });
    expect(ids(ofAlias.rates({ model: 'latest', atMs: switchMs }))).toEqual(['mine', 'output']);
    expect(ids(ofAlias.rates({ model: 'm', atMs: switchMs }))).toEqual(['hidden', 'output']);
    expect(registry.rates({ provider: 'other' })).toEqual([]);
    expect(registry.rates({ region: 'us' })).toEqual([]);
  });

  it('shows where a price comes from and what contradicts it', () => {
    const [rate] = registry.rates({ model: 'm', atMs: switchMs }).filter((listed) => listed.priceId === 'new');
    expect(rate).toMatchObject({
      price: '2',
      per: 1_000_000,
      currency: 'USD',
      tier: null,
      effectiveFrom: '2026-12-01',
      effectiveTo: null,
      provenance: 'builtin',
      conflicts: ['another says 3'],
    });
    expect(registry.rates({ model: 'm', atMs: Date.UTC(2027, 0, 1) })[0]).toMatchObject({
      provenance: 'user',
      source: 'user',
    });
  });
});

describe('what is remembered', () => {
  const prices = [
    row('model', '1', { effectiveTo: '2026-12-01' }),
    row('model', '2', { effectiveFrom: '2026-12-01' }),
    row('model', '7', { region: 'us' }),
    row('model', '9', { currency: 'CNY', region: 'cn' }),
  ];
  const currencies = [
    toFxRow({ currency: 'CNY', usdPerUnit: '0.1', effectiveTo: '2026-12-01' }),
    toFxRow({ currency: 'CNY', usdPerUnit: '0.2', effectiveFrom: '2026-12-01' }),
  ];
  const registry = registryOf({ prices, currencies });
  const cost = (more: Partial<PriceQuery>) => registry.price(query('model', more))?.totalNanoUsd ?? null;

  it('changes neither with the order of the questions nor with their number', () => {
    const asked = () => [
      ...[switchMs, switchMs - 1, switchMs].map((atMs) => cost({ atMs })),
      ...['us', 'cn', 'eu', 'xx'].map((region) => cost({ region })),
      cost({ region: 'cn', atMs: switchMs - 1 }),
      cost({ provider: 'other' }),
      cost({ servedModel: 'model' }),
    ];
    const expected = [2000, 1000, 2000, 7000, 1800, 2000, null, 900, null, 2000];
    expect(asked()).toEqual(expected);
    // names come from requests, so there may be any number of them
    for (let name = 0; name < 10_000; name++) registry.price(query(`unknown-${name}`));
    expect(asked()).toEqual(expected);
  });

  it('ends where any price, rate or name changes', () => {
    expect(registry.nextChangeMs?.(switchMs - 1)).toBe(switchMs);
    expect(registry.nextChangeMs?.(switchMs)).toBeNull();
    const named = registryOf({ prices, aliases: [alias('a', 'model', { effectiveTo: '2027-06-01' })] });
    expect(named.nextChangeMs?.(switchMs)).toBe(Date.UTC(2027, 5, 1));
  });
});
