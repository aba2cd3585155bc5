import { describe, expect, it } from 'vitest';
import { checkPrices } from './check-prices.js';
import { type PriceInput, type PriceRow, toFxRow, toPriceRow } from './rows.js';

function row(price: string, more: Partial<PriceInput> = {}): PriceRow {
  return toPriceRow({
    provider: 'acme',
    model: 'm',
    region: 'eu',
    unit: 'input_token',
    price,
    per: 1_000_000,
    ...more,
  });
}

const kinds = (...rows: readonly PriceRow[]) => checkPrices(rows).map((problem) => problem.kind);
const tier = (fromTokens: number, toTokens: number | null) => ({ tier: { fromTokens, toTokens } });

describe('checkPrices', () => {
  it('finds nothing in a sound list', () => {
    const sound = [
      row('1', { ...tier(0, 100), effectiveTo: '2026-12-01' }),
      row('2', { ...tier(101, null), effectiveTo: '2026-12-01' }),
      row('9', { effectiveFrom: '2026-12-01' }),
    ];
    expect(checkPrices(sound)).toEqual([]);
  });

  it.each([
    ['a price that is no decimal', row('1e3')],
    ['a per that is no count', row('1', { per: 0.5 })],
    ['a start that is no day', row('1', { effectiveFrom: '2026-13-01' })],
    ['an end before the start', row('1', { effectiveTo: '2024-01-01' })],
    ['a tier that ends before it starts', row('1', tier(10, 9))],
  ])('names %s', (_name, wrong) => {
    expect(kinds(wrong)).toEqual(['malformed']);
  });

  it('names two rows with one id', () => {
    expect(kinds(row('1', { id: 'x' }), row('1', { id: 'x', unit: 'output_token' }))).toEqual(['duplicate_id']);
  });

  it('looks at every file for itself: one may say again what another says', () => {
    const written = (price: string, origin: string) => row(price, { origin });
    expect(kinds(written('1', 'user.yaml:3'), written('20', 'project.yaml:3'))).toEqual([]);
    expect(kinds(written('1', 'user.yaml:3'), written('2', 'user.yaml:9'))).toEqual(['duplicate_id', 'tier_overlap']);
  });

  it('names a currency without a rate and a target in two currencies', () => {
    expect(kinds(row('1', { currency: 'EUR' }))).toEqual(['unknown_currency']);
    expect(checkPrices([row('1', { currency: 'EUR' })], [toFxRow({ currency: 'EUR', usdPerUnit: '1.1' })])).toEqual([]);
    expect(kinds(row('1'), row('1', { unit: 'output_token', currency: 'CNY' }))).toEqual(['mixed_currencies']);
  });

  it('names a price of zero', () => {
    expect(kinds(row('0.00'))).toEqual(['zero_price']);
  });

  it('names tiers that leave a gap or overlap, by a single token', () => {
    expect(kinds(row('1', tier(0, 100)), row('2', tier(101, null)))).toEqual([]);
    expect(kinds(row('1', tier(0, 100)), row('2', tier(102, null)))).toEqual(['tier_gap']);
    expect(kinds(row('1', tier(0, 100)), row('2', tier(100, null)))).toEqual(['tier_overlap']);
    expect(kinds(row('1', tier(0, 100)))).toEqual(['tier_gap']);
    expect(kinds(row('1', tier(1, null)))).toEqual(['tier_gap']);
    expect(kinds(row('1', { id: 'a' }), row('2', { id: 'b' }))).toEqual(['tier_overlap']);
  });

  it('names a tier that costs less than the one below it, unless it is marginal', () => {
    expect(kinds(row('2', tier(0, 100)), row('1', tier(101, null)))).toEqual(['tier_fall']);
    expect(kinds(row('1', tier(0, 100)), row('1', tier(101, null)))).toEqual([]);
    expect(kinds(row('1', tier(0, 100)), row('0.5', { ...tier(101, null), per: 1_000 }))).toEqual([]);
    const marginal = (fromTokens: number, toTokens: number | null) => ({
      tier: { fromTokens, toTokens, rule: 'marginal' as const },
    });
    expect(kinds(row('2', marginal(0, 100)), row('1', marginal(101, null)))).toEqual([]);
  });

  it('names dates that leave a gap or overlap, by a single day', () => {
    const first = row('1', { effectiveTo: '2026-12-01' });
    expect(kinds(first, row('1', { effectiveFrom: '2026-12-01' }))).toEqual([]);
    expect(kinds(first, row('1', { effectiveFrom: '2026-12-02' }))).toEqual(['date_gap']);
    expect(kinds(first, row('1', { effectiveFrom: '2026-11-30' }))).toEqual(['date_overlap']);
  });

  it('names a price that moved more than tenfold, also when the unit of measure moved with it', () => {
    const first = row('1', { effectiveTo: '2026-12-01' });
    const then = (price: string, per = 1_000_000) => row(price, { effectiveFrom: '2026-12-01', per });
    expect(kinds(first, then('10'))).toEqual([]);
    expect(kinds(first, then('10.1'))).toEqual(['price_jump']);
    expect(kinds(first, then('0.1'))).toEqual([]);
    expect(kinds(first, then('0.09'))).toEqual(['price_jump']);
    expect(kinds(first, then('0.001', 1000))).toEqual([]);
    expect(kinds(first, then('1', 1000))).toEqual(['price_jump']);
  });
});
