import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.js';

describe('retryAfterMs', () => {
  const nowMs = Date.parse('Wed, 19 Aug 2026 14:36:50 GMT');
  it.each([
    [{ 'retry-after': '48' }, 48_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Wed, 19 Aug 2026 14:37:00 GMT' }, 10_000],
    [{ 'retry-after': 'Wed, 19 Aug 2026 14:00:00 GMT' }, 0],
    [{ 'retry-after-ms': '250', 'retry-after': '48' }, 250],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'soon 5' }, undefined],
    [{ 'retry-after': '10, 20' }, 20_000],
    [{ 'retry-after-ms': '' }, undefined],
    [{ 'retry-after-ms': '-1', 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'Wednesday, 19-Aug-26 14:37:00 GMT' }, 10_000],
    [{ 'retry-after': 'Wed Aug 19 14:37:00 2026 GMT' }, 10_000],
    [{}, undefined],
  ])('reads %j as %j', (headers, expected) => {
    expect(retryAfterMs(headers, nowMs)).toBe(expected);
  });
});
