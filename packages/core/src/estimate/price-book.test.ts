import { describe, expect, it } from 'vitest';
import type { Pricing } from '../spec/pricing.js';
import { PriceBook } from './price-book.js';

/** Prices nothing; its prices change at these times. */
function changing(...atMs: readonly number[]): Pricing {
  return {
    kind: 'pricing',
    price: () => null,
    rates: () => [],
    nextChangeMs: (nowMs) => atMs.find((changeMs) => changeMs > nowMs) ?? null,
  };
}

const silent: Pricing = { kind: 'pricing', price: () => null, rates: () => [] };

describe('the moments at which a call is priced', () => {
  it('are its beginning and every change until its deadline', () => {
    const book = new PriceBook([changing(100, 200, 300)]);
    expect(book.moments(0, 99)).toEqual([0]);
    expect(book.moments(0, 100)).toEqual([0, 100]);
    expect(book.moments(99, 200)).toEqual([99, 100, 200]);
    expect(book.moments(100, 199)).toEqual([100]);
    expect(book.moments(300, 1e15)).toEqual([300]);
    // and again before a change, since what is steady is remembered
    expect(book.moments(50, 150)).toEqual([50, 100]);
  });

  it('are those of all parts', () => {
    expect(new PriceBook([changing(300), changing(100)]).moments(0, 1_000)).toEqual([0, 100, 300]);
    expect(new PriceBook([]).moments(0, 1_000)).toEqual([0]);
  });

  it('are the beginning and the deadline where a part does not say', () => {
    expect(new PriceBook([silent]).moments(0, 1_000)).toEqual([0, 1_000]);
    expect(new PriceBook([silent, changing(100)]).moments(0, 1_000)).toEqual([0, 100, 1_000]);
    expect(new PriceBook([silent]).moments(7, 7)).toEqual([7]);
  });

  it('are the beginning and the deadline of every call, also of one that ends before an earlier one', () => {
    const book = new PriceBook([silent, changing(900)]);
    expect(book.moments(0, 600)).toEqual([0, 600]);
    expect(book.moments(100, 200)).toEqual([100, 200]);
    expect(book.moments(7, 7)).toEqual([7]);
    expect(book.moments(8, 50)).toEqual([8, 50]);
  });

  it('are bounded, and survive a part that fails or talks nonsense', () => {
    const restless: Pricing = { ...silent, nextChangeMs: (atMs) => atMs + 1 };
    expect(new PriceBook([restless]).moments(0, 1e9).length).toBeLessThanOrEqual(32);
    const failing: Pricing = {
      ...silent,
      nextChangeMs: () => {
        throw new Error('no');
      },
    };
    for (const part of [failing, { ...silent, nextChangeMs: () => Number.NaN }, { ...silent, nextChangeMs: () => -5 }])
      expect(new PriceBook([part]).moments(0, 1_000)).toEqual([0, 1_000]);
  });
});
