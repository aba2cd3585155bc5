import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ceilTimes, parseDecimal, product, toNumber } from './decimal.js';

describe('parseDecimal', () => {
  it('reads a decimal exactly and in lowest terms', () => {
    expect(parseDecimal('0.30')).toEqual({ numerator: 3n, denominator: 10n });
    expect(parseDecimal('12')).toEqual({ numerator: 12n, denominator: 1n });
    expect(parseDecimal('0')).toEqual({ numerator: 0n, denominator: 1n });
    expect(parseDecimal('0.1433525')).toEqual({ numerator: 57341n, denominator: 400000n });
  });

  it.each(['', '.5', '5.', '-1', '+1', '1e3', ' 1', '1 ', '1,5', 'NaN', '0x1', '1'.repeat(19)])(
    'refuses %j',
    (text) => {
      expect(parseDecimal(text)).toBeNull();
    },
  );

  it('agrees with the number that JavaScript reads', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999_999), (whole, fraction) => {
        const text = `${whole}.${String(fraction).padStart(6, '0')}`;
        const ratio = parseDecimal(text);
        expect(ratio).not.toBeNull();
        expect(ratio && toNumber(ratio)).toBeCloseTo(Number(text), 9);
      }),
    );
  });
});

describe('ceilTimes', () => {
  it('rounds up to a whole number and leaves a whole number alone', () => {
    const third = { numerator: 1n, denominator: 3n };
    expect(ceilTimes(1n, third)).toBe(1n);
    expect(ceilTimes(3n, third)).toBe(1n);
    expect(ceilTimes(4n, third)).toBe(2n);
    expect(ceilTimes(0n, third)).toBe(0n);
  });

  it('is exact where doubles are not', () => {
    const tenth = { numerator: 1n, denominator: 10n };
    const thirtieth = product(tenth, { numerator: 1n, denominator: 3n });
    expect(ceilTimes(30n * 10n ** 20n, thirtieth)).toBe(10n ** 20n);
    expect(ceilTimes(30n * 10n ** 20n + 1n, thirtieth)).toBe(10n ** 20n + 1n);
  });
});
