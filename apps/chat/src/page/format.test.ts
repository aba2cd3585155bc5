import { describe, expect, it } from 'vitest';
import { niceTop } from './chart.js';
import { axisUsd, duration, percent, usageText, usd } from './format.js';

describe('money', () => {
  it('has as many digits as it needs, and what is unknown is never nothing', () => {
    expect([0, 1, 8_259, 46_126, 570_000, 34_300_000, 1_500_000_000, null].map(usd)).toEqual([
      '$0.00',
      '$0.000000001',
      '$0.000008259',
      '$0.000046126',
      '$0.00057',
      '$0.0343',
      '$1.50',
      'unknown',
    ]);
  });

  it('beside the lines of a chart has the same number of digits everywhere', () => {
    expect([0, 2_500_000, 5_000_000, 10_000_000].map((value) => axisUsd(value, 2_500_000))).toEqual([
      '$0.0000',
      '$0.0025',
      '$0.0050',
      '$0.0100',
    ]);
  });
});

describe('usage', () => {
  it('is said in the units it is billed in', () => {
    const said = (quantities: Record<string, number>, unknown = false) =>
      usageText({ quantities, unknown, source: 'provider' });
    expect(said({ input_token: 30, cached_input_token: 1, output_token: 148 })).toBe('31 in, 148 out');
    expect(said({ image: 1 })).toBe('1 image');
    expect(said({ audio_second: 3.24, output_token: 0 })).toBe('0 out, 3.2 s of sound');
    expect(said({ character: 1_200 }, true)).toBe('1,200 characters (estimated)');
    expect([usageText(null), said({})]).toEqual(['usage unknown', 'usage unknown']);
  });
});

it('durations and shares are short', () => {
  expect([0, 900, 61_000, 3_600_000 * 5 + 60_000 * 7, 86_400_000 * 2].map(duration)).toEqual([
    '0 s',
    '1 s',
    '1 min 1 s',
    '5 h 7 min',
    '2 d 0 h',
  ]);
  expect([0, 0.004, 0.077, 0.93, 1].map(percent)).toEqual(['0 %', '0.4 %', '7.7 %', '93 %', '100 %']);
});

it('a chart ends at a round number that is high enough', () => {
  expect([0, 1, 0.9, 61, 101, 0.0061].map(niceTop)).toEqual([0, 1, 1, 80, 120, 0.008]);
});
