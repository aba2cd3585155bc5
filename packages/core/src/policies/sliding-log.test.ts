import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingLog } from './sliding-log.js';

describe('a sliding log', () => {
  it('says exactly when the next admission fits', () => {
    const log = new SlidingLog(1_000);
    log.admit(1, 0);
    log.admit(1, 400);
    expect(log.earliestMs(1, 3, 500)).toBe(500);
    expect(log.earliestMs(1, 2, 500)).toBe(1_000);
    expect(log.earliestMs(2, 2, 500)).toBe(1_400);
    expect(log.earliestMs(3, 2, 500)).toBeNull();
  });

  it('gives back what is corrected to 0', () => {
    const log = new SlidingLog(1_000);
    const entry = log.admit(10, 0);
    expect(log.earliestMs(1, 10, 1)).toBe(1_000);
    log.correct(entry, 4);
    expect(log.used(1)).toBe(4);
    expect(log.earliestMs(6, 10, 1)).toBe(1);
    log.correct(entry, 0);
    expect(log.used(1)).toBe(0);
  });

  it('does not keep anybody waiting behind someone who has left the queue', () => {
    const log = new SlidingLog(1_000);
    log.admit(1, 0);
    const waiter = log.admit(2, 5_000);
    log.correct(waiter, 0);
    expect(log.earliestMs(1, 2, 10)).toBe(10);
  });

  it('never lets more than the limit into any window, however arrivals come and whoever waits', () => {
    const arrivals = fc.array(fc.record({ gapMs: fc.nat(400), weight: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 5, max: 20 }), (requests, limit) => {
        const windowMs = 1_000;
        const log = new SlidingLog(windowMs);
        const admitted: { atMs: number; weight: number }[] = [];
        let nowMs = 0;
        for (const { gapMs, weight } of requests) {
          nowMs += gapMs;
          const atMs = log.earliestMs(weight, limit, nowMs) as number;
          log.admit(weight, atMs);
          admitted.push({ atMs, weight });
        }
        for (const { atMs: fromMs } of admitted) {
          const within = admitted.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + windowMs);
          expect(within.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(limit);
        }
        // First come, first served.
        expect(admitted.map(({ atMs }) => atMs)).toEqual(
          admitted.map(({ atMs }) => atMs).toSorted((first, second) => first - second),
        );
      }),
    );
  });
});
