import type { Priced, Usage } from '@vibe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyTable } from './currency.js';
import { listedPrice, type PriceList, PriceListBuilder } from './price-list.js';
import { priceUsage } from './price-usage.js';
import { type PriceInput, toFxRow, toPriceRow } from './rows.js';
import { termsOf } from './terms.js';

const atMs = Date.UTC(2026, 5, 1);
const target = { provider: 'acme', model: 'm', region: 'global' };
const rateOf = currencyTable([toFxRow({ currency: 'CNY', usdPerUnit: '0.15' })]);

type RowInput = Omit<PriceInput, 'provider' | 'model' | 'region' | 'per'> & { per?: number };

function listOf(...rows: readonly RowInput[]): PriceList {
  const list = new PriceListBuilder();
  for (const row of rows) {
    const listed = listedPrice(toPriceRow({ per: 1_000_000, ...target, ...row }), 'builtin');
    if (listed !== null) list.add(listed);
  }
  return list;
}

function priced(list: PriceList, quantities: Usage['quantities']): Priced | null {
  return priceUsage(termsOf(list, undefined, atMs, rateOf), quantities);
}

function nanoUsdByUnit(bill: Priced | null): Record<string, number> | null {
  return bill && Object.fromEntries(bill.lines.map((line) => [line.unit, line.nanoUsd]));
}

const chat = listOf({ unit: 'input_token', price: '0.30' }, { unit: 'output_token', price: '2.50' });

describe('a bill', () => {
  it('has a line per unit with its price id, and their sum as total', () => {
    expect(priced(chat, { input_token: 1000, output_token: 20 })).toEqual({
      // 1000 × 300 nano + 20 × 2500 nano
      lines: [
        {
          unit: 'input_token',
          quantity: 1000,
          usd: 0.0003,
          nanoUsd: 300_000,
          priceId: 'user/acme/m/global/input_token@2025-01-01',
        },
        {
          unit: 'output_token',
          quantity: 20,
          usd: 0.00005,
          nanoUsd: 50_000,
          priceId: 'user/acme/m/global/output_token@2025-01-01',
        },
      ],
      totalNanoUsd: 350_000,
      priceIds: ['user/acme/m/global/input_token@2025-01-01', 'user/acme/m/global/output_token@2025-01-01'],
      currency: 'USD',
      fxRate: null,
    });
  });

  it('rounds each line up to a whole nano-USD, so that it never shows less than the provider charges', () => {
    const list = listOf({ unit: 'input_token', price: '0.0001' }, { unit: 'output_token', price: '0.0003' });
    // 1 × 0.1 nano → 1; 11 × 0.3 nano = 3.3 → 4
    expect(nanoUsdByUnit(priced(list, { input_token: 1, output_token: 11 }))).toEqual({
      input_token: 1,
      output_token: 4,
    });
    expect(priced(list, { input_token: 1, output_token: 11 })?.totalNanoUsd).toBe(5);
  });

  it('counts a started unit as a whole one', () => {
    const list = listOf({ unit: 'audio_second', price: '0.000035', per: 1 });
    expect(priced(list, { audio_second: 3.2 })?.lines[0]).toMatchObject({ quantity: 4, nanoUsd: 140_000 });
  });

  it('converts another currency with the rate of the time and says which', () => {
    const list = listOf({ unit: 'image', price: '0.20', per: 1, currency: 'CNY' });
    // 3 × 0.20 CNY × 0.15 = 0.09 USD
    expect(priced(list, { image: 3 })).toMatchObject({ totalNanoUsd: 90_000_000, currency: 'CNY', fxRate: 0.15 });
  });

  it('is in USD when its list mixes currencies', () => {
    const list = listOf(
      { unit: 'image', price: '0.20', per: 1, currency: 'CNY' },
      { unit: 'request', price: '1', per: 1 },
    );
    expect(priced(list, { image: 1, request: 1 })).toMatchObject({
      totalNanoUsd: 1_030_000_000,
      currency: 'USD',
      fxRate: null,
    });
  });
});

describe('what cannot be priced is unknown, never free', () => {
  it('gives null for a unit without a price', () => {
    expect(priced(chat, { input_token: 1, output_audio_token: 1 })).toBeNull();
    expect(priced(chat, { input_token: 1, output_image_token: 1 })).toBeNull();
    expect(priced(chat, { input_token: 1, input_audio_token: 1 })).toBeNull();
  });

  it('gives null for a currency without a rate', () => {
    expect(priced(listOf({ unit: 'image', price: '1', per: 1, currency: 'EUR' }), { image: 1 })).toBeNull();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('gives null for a quantity of %d', (quantity) => {
    expect(priced(chat, { input_token: quantity })).toBeNull();
  });

  it('gives null when no quantity was said at all', () => {
    expect(priced(chat, {})).toBeNull();
  });

  it('gives null for an amount beyond a safe integer', () => {
    expect(priced(listOf({ unit: 'request', price: '9000000', per: 1 }), { request: 1 })).not.toBeNull();
    expect(priced(listOf({ unit: 'request', price: '9100000', per: 1 }), { request: 1 })).toBeNull();
  });

  it('takes an explicit zero for what it says: no line, no price needed', () => {
    expect(priced(chat, { input_token: 0, output_audio_token: 0 })).toEqual({
      lines: [],
      totalNanoUsd: 0,
      priceIds: [],
      currency: 'USD',
      fxRate: null,
    });
  });
});

describe('units without a price of their own', () => {
  it('think at the output price, and read, write and look at the input price', () => {
    const bill = priced(chat, {
      reasoning_token: 10,
      cached_input_token: 10,
      cache_write_token: 10,
      input_image_token: 10,
    });
    expect(nanoUsdByUnit(bill)).toEqual({
      reasoning_token: 25_000,
      cached_input_token: 3000,
      cache_write_token: 3000,
      input_image_token: 3000,
    });
  });

  it('keep to their own price where they have one', () => {
    const list = listOf({ unit: 'input_token', price: '1' }, { unit: 'cached_input_token', price: '0.1' });
    expect(nanoUsdByUnit(priced(list, { input_token: 1, cached_input_token: 1 }))).toEqual({
      input_token: 1000,
      cached_input_token: 100,
    });
  });

  it('are covered by what the row says instead of the default', () => {
    const list = listOf({ unit: 'input_token', price: '1', covers: ['input_audio_token'] });
    expect(priced(list, { input_audio_token: 1 })?.totalNanoUsd).toBe(1000);
    expect(priced(list, { cached_input_token: 1 })).toBeNull();
  });
});

describe('thinking', () => {
  const split = { unit: 'reasoning_token', price: '4' };
  const output = { unit: 'output_token', price: '1.2' };

  it('moves the whole output to its price where the vendor says so', () => {
    const list = listOf(output, { ...split, thinking: 'whole_output' });
    // 300 × 4000 and 200 × 4000, not 200 × 1200
    expect(nanoUsdByUnit(priced(list, { output_token: 200, reasoning_token: 300 }))).toEqual({
      output_token: 800_000,
      reasoning_token: 1_200_000,
    });
  });

  it('leaves the output alone without reasoning tokens, or where the two are split', () => {
    const whole = listOf(output, { ...split, thinking: 'whole_output' });
    expect(nanoUsdByUnit(priced(whole, { output_token: 200, reasoning_token: 0 }))).toEqual({ output_token: 240_000 });
    expect(nanoUsdByUnit(priced(listOf(output, split), { output_token: 200, reasoning_token: 300 }))).toEqual({
      output_token: 240_000,
      reasoning_token: 1_200_000,
    });
  });
});

describe('tiers of the whole request', () => {
  const list = listOf(
    { unit: 'input_token', price: '1', tier: { fromTokens: 0, toTokens: 100 } },
    { unit: 'input_token', price: '2', tier: { fromTokens: 101, toTokens: null } },
    { unit: 'input_audio_token', price: '3' },
    { unit: 'output_token', price: '10', tier: { fromTokens: 0, toTokens: 100 } },
    { unit: 'output_token', price: '20', tier: { fromTokens: 101, toTokens: null } },
  );

  it.each([
    [99, 99_000, 10_000],
    [100, 100_000, 10_000],
    [101, 202_000, 20_000],
  ])('with %d input tokens bill input and output together', (input, inputNanoUsd, outputNanoUsd) => {
    expect(nanoUsdByUnit(priced(list, { input_token: input, output_token: 1 }))).toEqual({
      input_token: inputNanoUsd,
      output_token: outputNanoUsd,
    });
  });

  it('count cached, written, audio and image input', () => {
    const bill = priced(list, {
      input_token: 97,
      cached_input_token: 1,
      cache_write_token: 1,
      input_audio_token: 1,
      input_image_token: 1,
    });
    expect(nanoUsdByUnit(bill)).toMatchObject({ input_token: 194_000, cached_input_token: 2000 });
  });

  it('do not count output', () => {
    expect(nanoUsdByUnit(priced(list, { input_token: 100, output_token: 1000 }))).toMatchObject({
      input_token: 100_000,
    });
  });

  it('leave a request unpriced that no tier takes', () => {
    const short = listOf({ unit: 'input_token', price: '1', tier: { fromTokens: 0, toTokens: 100 } });
    expect(priced(short, { input_token: 101 })).toBeNull();
  });
});

describe('marginal tiers', () => {
  const list = listOf(
    { unit: 'input_token', price: '2', tier: { fromTokens: 101, toTokens: 200, rule: 'marginal' } },
    { unit: 'input_token', price: '1', tier: { fromTokens: 0, toTokens: 100, rule: 'marginal' } },
  );

  it.each([
    [100, [100_000]],
    [101, [100_000, 2000]],
    [200, [100_000, 200_000]],
  ])('bill %d units band by band', (quantity, expected) => {
    expect(priced(list, { input_token: quantity })?.lines.map((line) => line.nanoUsd)).toEqual(expected);
  });

  it('leave what lies beyond the last band, or in a gap between two, unpriced', () => {
    expect(priced(list, { input_token: 201 })).toBeNull();
    const gap = listOf(
      { unit: 'input_token', price: '1', tier: { fromTokens: 0, toTokens: 100, rule: 'marginal' } },
      { unit: 'input_token', price: '2', tier: { fromTokens: 102, toTokens: null, rule: 'marginal' } },
    );
    expect(priced(gap, { input_token: 100 })).not.toBeNull();
    expect(priced(gap, { input_token: 150 })).toBeNull();
  });
});

describe('any bill', () => {
  const price = fc.tuple(fc.nat(999), fc.nat(9999)).map(([whole, part]) => `${whole}.${String(part).padStart(4, '0')}`);
  const quantity = fc.nat(3_000_000);

  it('is the sum of its lines, each less than one nano-USD above the exact amount', () => {
    fc.assert(
      fc.property(price, price, quantity, quantity, (inputPrice, outputPrice, input, output) => {
        const list = listOf({ unit: 'input_token', price: inputPrice }, { unit: 'output_token', price: outputPrice });
        const bill = priced(list, { input_token: input, output_token: output });
        expect(bill?.totalNanoUsd).toBe(bill?.lines.reduce((sum, line) => sum + line.nanoUsd, 0));
        for (const line of bill?.lines ?? []) {
          const perMillion = BigInt((line.unit === 'input_token' ? inputPrice : outputPrice).replace('.', ''));
          const exact = BigInt(line.quantity) * perMillion; // in tenths of a nano-USD: price × 1e9 / 1e6 × 1e4 / 1e3
          expect(BigInt(line.nanoUsd) * 10n >= exact).toBe(true);
          expect(BigInt(line.nanoUsd - 1) * 10n < exact).toBe(true);
        }
      }),
    );
  });

  it('does not shrink when a quantity grows within its tier', () => {
    fc.assert(
      fc.property(price, quantity, quantity, (inputPrice, some, more) => {
        const list = listOf({ unit: 'input_token', price: inputPrice });
        const less = priced(list, { input_token: some })?.totalNanoUsd ?? 0;
        expect(priced(list, { input_token: some + more })?.totalNanoUsd).toBeGreaterThanOrEqual(less);
      }),
    );
  });
});
