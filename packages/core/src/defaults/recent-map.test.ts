import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentMap } from './recent-map.js';

describe('a map of what was recent', () => {
  it('knows the latest, and never more than twice as many as it was asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 12 })), (least, numbers) => {
        const map = new RecentMap<number>(least);
        const distinct: number[] = [];
        for (const number of numbers) {
          if (map.has(`${number}`)) continue;
          distinct.push(number);
          map.add(`${number}`, number);
        }
        expect(map.size).toBeLessThanOrEqual(2 * least);
        for (const number of distinct.slice(-least)) expect(map.get(`${number}`)).toBe(number);
      }),
    );
  });
});
