import { describe, expect, it } from 'vitest';
import { currencyTable } from './currency.js';
import { toFxRow } from './rows.js';

const newYearMs = Date.UTC(2026, 0, 1);
const rows = [
  toFxRow({ currency: 'CNY', usdPerUnit: '0.14', effectiveTo: '2026-01-01' }),
  toFxRow({ currency: 'CNY', usdPerUnit: '0.15', effectiveFrom: '2026-01-01' }),
];

describe('currencyTable', () => {
  it('gives the rate of the day, to the millisecond', () => {
    const rateOf = currencyTable(rows);
    expect(rateOf('CNY', newYearMs - 1)?.usdPerUnit).toBe(0.14);
    expect(rateOf('CNY', newYearMs)?.usdPerUnit).toBe(0.15);
  });

  it('knows USD without a row, at 1 and without a rate to show', () => {
    expect(currencyTable([])('USD', newYearMs)).toEqual({
      ratio: { numerator: 1n, denominator: 1n },
      usdPerUnit: null,
    });
  });

  it('gives nothing for a currency or a time it does not know', () => {
    const rateOf = currencyTable(rows);
    expect(rateOf('EUR', newYearMs)).toBeNull();
    expect(rateOf('CNY', Date.UTC(2024, 11, 31))).toBeNull();
  });

  it('lets an earlier row win, and ignores a rate that is no decimal or zero', () => {
    const rateOf = currencyTable([
      toFxRow({ currency: 'CNY', usdPerUnit: '0' }),
      toFxRow({ currency: 'CNY', usdPerUnit: '7e-2' }),
      toFxRow({ currency: 'CNY', usdPerUnit: '0.13' }),
      ...rows,
    ]);
    expect(rateOf('CNY', newYearMs)?.usdPerUnit).toBe(0.13);
  });
});
