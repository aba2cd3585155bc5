import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.js';

describe('the nearest name', () => {
  const known = ['limitUsd', 'window', 'tags', 'mode', 'timezone', 'maxWaitMs'];

  it.each([
    ['limit_usd', 'limitUsd'],
    ['limitusd', 'limitUsd'],
    ['limit', 'limitUsd'],
    ['widnow', 'window'],
    ['tag', 'tags'],
    ['mdoe', 'mode'],
    ['timeZone', 'timezone'],
    ['max-wait-ms', 'maxWaitMs'],
    ['maxWait', 'maxWaitMs'],
    ['x', null],
    ['budget', null],
    ['', null],
  ])('to %j is %j', (given, expected) => {
    expect(nearestName(given, known)).toBe(expected);
  });

  it('is found among long names without comparing all of them', () => {
    expect(nearestName('a'.repeat(100_000), ['b'.repeat(100_000), 'mode'])).toBeNull();
  });
});
