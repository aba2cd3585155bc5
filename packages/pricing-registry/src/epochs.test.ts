import { describe, expect, it } from 'vitest';
import { Epochs } from './epochs.js';

describe('epochs', () => {
  it('begin at every bound and end one millisecond before the next', () => {
    const epochs = new Epochs([200, 100, 200, Number.NaN, Number.POSITIVE_INFINITY]);
    expect([99, 100, 199, 200, 1_000].map((atMs) => epochs.indexOf(atMs))).toEqual([0, 1, 1, 2, 2]);
    // and backwards, since the last one is remembered
    expect([200, 199, 99].map((atMs) => epochs.indexOf(atMs))).toEqual([2, 1, 0]);
  });

  it('say when the next one begins', () => {
    const epochs = new Epochs([100, 200]);
    expect([0, 99, 100, 199, 200, 5_000].map((atMs) => epochs.nextMs(atMs))).toEqual([100, 100, 200, 200, null, null]);
  });

  it('know no time that is none', () => {
    const epochs = new Epochs([100]);
    expect([epochs.indexOf(Number.NaN), epochs.nextMs(Number.NaN)]).toEqual([-1, null]);
    expect(new Epochs([]).indexOf(7)).toBe(0);
  });
});
