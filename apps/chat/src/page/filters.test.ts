import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportRanges, reportSplits } from '../wire.js';
import { addressOf, type Filters, filtersIn, questionOf, shownOf } from './filters.js';

const day = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const common = {
  split: fc.constantFrom(...reportSplits),
  show: fc.constantFrom('cost' as const, 'calls' as const),
  only: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
};
const filters: fc.Arbitrary<Filters> = fc.oneof(
  fc.record({ range: fc.constantFrom(...reportRanges), from: fc.constant(''), to: fc.constant(''), ...common }),
  fc.record({ range: fc.constant('dates' as const), from: day, to: day, ...common }),
);

describe('the address of a report', () => {
  it('brings back exactly the filters it was made of', () => {
    fc.assert(
      fc.property(filters, (shown) => {
        expect(filtersIn(addressOf(shown).slice('/report'.length))).toEqual(shown);
      }),
    );
  });

  it('says nothing about what is the default', () => {
    expect(addressOf(filtersIn(''))).toBe('/report');
    expect(filtersIn('?range=nonsense&split=%3Cb%3E&show=gold')).toEqual(filtersIn(''));
  });

  it('shows calls only where each of them is counted once', () => {
    expect(shownOf(filtersIn('?show=calls&split=model'))).toBe('calls');
    expect(shownOf(filtersIn('?show=calls&split=unit'))).toBe('cost');
  });

  it('asks the server for the time and the split only', () => {
    expect(questionOf(filtersIn('?range=7d&split=unit&show=calls&only=image'))).toBe('/api/report?split=unit&range=7d');
    expect(questionOf(filtersIn('?from=2026-11-01'))).toBe('/api/report?split=model&from=2026-11-01');
  });
});
