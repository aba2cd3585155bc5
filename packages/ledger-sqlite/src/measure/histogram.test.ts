import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.js';

const durations = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 200 });

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

describe('a histogram', () => {
  it('gives every percentile within 0.8 %', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const ascending = [...values].sort((left, right) => left - right);
        const exact = ascending[Math.max(0, Math.ceil(share * values.length) - 1)] as number;
        const found = histogramOf(values).percentile(share) as number;
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.max(0, exact * 0.008));
      }),
    );
  });

  it('can be added, taken apart and stored without a difference', () => {
    fc.assert(
      fc.property(durations, durations, (first, second) => {
        const sum = histogramOf(first);
        sum.addBytes(histogramOf(second).toBytes());
        expect(sum.toBytes()).toEqual(histogramOf([...first, ...second]).toBytes());
        for (const value of second) sum.add(value, -1);
        expect(sum.toBytes()).toEqual(histogramOf(first).toBytes());
        const copy = histogramOf(first);
        copy.addHistogram(histogramOf(second));
        expect(copy.total).toBe(first.length + second.length);
      }),
    );
  });

  it('without values has no percentile', () => {
    expect(new Histogram().percentile(0.5)).toBeNull();
  });
});
