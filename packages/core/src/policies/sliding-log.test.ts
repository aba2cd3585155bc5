import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admission, SlidingLog } from './sliding-log.js';

const requests = (log: SlidingLog, atMs: number) => log.requests.used(atMs);

describe('a sliding log', () => {
  it('says exactly when the next request fits', () => {
    const log = new SlidingLog(1_000);
    log.add(0, 0, 1, 0);
    log.add(0, 400, 1, 0);
    expect(log.requests.earliestMs(1, 3, 500)).toBe(500);
    expect(log.requests.earliestMs(1, 2, 500)).toBe(1_000);
    expect(log.requests.earliestMs(2, 2, 500)).toBe(1_400);
    expect(log.requests.earliestMs(1, 2, 1_000)).toBe(1_000);
  });

  it('corrects at the original time, in both directions', () => {
    const log = new SlidingLog(1_000);
    const admission = log.add(0, 0, 1, 10);
    log.add(0, 500, 1, 5);
    log.change(admission, 1, 4);
    expect([log.tokens.used(999), log.tokens.used(1_000)]).toEqual([9, 5]);
    log.change(admission, 1, 400);
    expect(log.tokens.used(1_001)).toBe(5);
  });

  it('counts nothing for a correction that comes when the request is forgotten', () => {
    const log = new SlidingLog(1_000);
    const early = log.add(0, 0, 1, 10);
    for (let atMs = 1_001; atMs < 3_000; atMs++) log.add(0, atMs, 0, 0);
    log.change(early, 5, 1_000);
    expect([log.requests.used(3_000), log.tokens.used(3_000)]).toEqual([0, 0]);
  });

  it('forgets what no window counts, and tells', () => {
    const forgotten: number[] = [];
    const log = new SlidingLog(100, ({ id }) => forgotten.push(id));
    for (let id = 1; id <= 2_000; id++) log.add(id, id, 1, 0);
    expect(forgotten).toEqual(Array.from({ length: forgotten.length }, (_, index) => index + 1));
    expect(forgotten.length).toBeGreaterThan(1_400);
    expect(log.end - log.begin).toBe(2_000 - forgotten.length);
    expect(requests(log, 2_000)).toBe(100);
  });

  it('keeps every window for itself', () => {
    const log = new SlidingLog(1_000);
    for (const atMs of [0, 100, 200, 950]) log.add(0, atMs, 1, 0);
    const burst = log.window('requests', 100);
    expect([burst.used(1_000), requests(log, 1_000)]).toEqual([1, 3]);
    expect(burst.earliestMs(1, 1, 1_000)).toBe(1_050);
    expect(log.window('requests', 100)).toBe(burst);
  });

  it('counts longer, never shorter, after its clock was set back', () => {
    const log = new SlidingLog(1_000);
    log.add(0, 5_000, 1, 0);
    log.add(0, 9_000, 1, 0);
    expect(log.noFuture(4_000)).toBe(true);
    expect(log.noFuture(4_000)).toBe(false);
    expect([requests(log, 4_999), requests(log, 5_000)]).toEqual([2, 0]);
  });

  it('has in every window exactly what a recount finds, whatever is changed, redated and forgotten', () => {
    const step = fc.record({
      act: fc.constantFrom('add', 'change', 'redate', 'give back'),
      gapMs: fc.nat(200),
      weight: fc.nat(9),
      which: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 700, size: 'max' }), (steps) => {
        const log = new SlidingLog(1_000);
        const burst = log.window('tokens', 150);
        const all: Admission[] = [];
        let nowMs = 0;
        for (const { act, gapMs, weight, which } of steps) {
          nowMs += act === 'add' ? gapMs : 0;
          const chosen = all.at(-1 - which);
          if (act === 'add') all.push(log.add(0, nowMs, 1, weight));
          else if (chosen === undefined) continue;
          else if (act === 'redate') log.redate(chosen, Math.min(nowMs, chosen.atMs + gapMs));
          else log.change(chosen, act === 'change' ? 1 : 0, act === 'change' ? weight : 0);
          const sum = (unit: 'requests' | 'tokens', windowMs: number) =>
            all.filter(({ atMs }) => atMs > nowMs - windowMs).reduce((total, admission) => total + admission[unit], 0);
          expect(log.requests.used(nowMs)).toBe(sum('requests', 1_000));
          expect(log.tokens.used(nowMs)).toBe(sum('tokens', 1_000));
          expect(burst.used(nowMs)).toBe(sum('tokens', 150));
        }
      }),
      { numRuns: 50 },
    );
  });
});
