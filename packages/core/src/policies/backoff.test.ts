import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, defaultBackoff, hintedMs } from './backoff.js';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('lies between 0 and a bound that doubles up to the maximum', () => {
    expect([1, 2, 3, 4, 5, 6].map((failures) => backoffMs(failures, 0.999_999))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 8_000,
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), random, (failures, chance) => {
        const delayMs = backoffMs(failures, chance);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(defaultBackoff.maxMs);
      }),
    );
  });

  it('never waits less than the provider asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), random, (hint, chance) => {
        expect(hintedMs(hint, chance)).toBeGreaterThanOrEqual(hint);
        expect(hintedMs(hint, chance)).toBeLessThanOrEqual(hint + 251);
      }),
    );
  });
});
