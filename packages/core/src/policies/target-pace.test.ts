import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TargetPace } from './target-pace.js';

function paced(pace: TargetPace, count: number, { ttftMs = 400, msPerToken = 10, atMs = 0, outputTokens = 100 } = {}) {
  for (let answer = 0; answer < count; answer++)
    pace.add({ atMs, ttftMs, totalMs: ttftMs + msPerToken * outputTokens, outputTokens });
  return pace;
}

describe('the pace of a target', () => {
  it('tells the time to the first token and the time per token apart, so that short answers tell about long ones', () => {
    const pace = paced(new TargetPace(), 10, { outputTokens: 20 });
    const { ttftMs, msPerToken, answers } = pace.at(0);
    expect([ttftMs, msPerToken, answers]).toEqual([400, 10, 10]);
  });

  it('is not turned by one answer that took a minute', () => {
    const pace = paced(new TargetPace(), 8);
    pace.add({ atMs: 0, ttftMs: 30_000, totalMs: 60_000, outputTokens: 100 });
    expect(pace.at(0)).toMatchObject({ ttftMs: 400, msPerToken: 10 });
  });

  it('follows a change when most of the last five answers tell of it, whatever was before', () => {
    const pace = paced(new TargetPace(), 40);
    paced(pace, 2, { msPerToken: 40 });
    expect(pace.at(0).msPerToken).toBe(10);
    paced(pace, 1, { msPerToken: 40 });
    expect(pace.at(0)).toMatchObject({ msPerToken: 40, answers: 5 });
  });

  it('forgets with time: after minutes an answer weighs less, after a quarter of an hour nothing is known', () => {
    const pace = paced(new TargetPace(), 4);
    expect(pace.at(120_000).answers).toBeCloseTo(2);
    expect(pace.at(900_000)).toEqual({ answers: 0, ttftMs: null, msPerToken: null, tail: null });
  });

  it('takes an answer in one piece for an even one', () => {
    const pace = new TargetPace();
    pace.add({ atMs: 0, ttftMs: null, totalMs: 1_500, outputTokens: 100 });
    expect(pace.at(0)).toMatchObject({ ttftMs: 500, msPerToken: 10 });
  });

  it('has finite numbers and a tail of at least 1 for whatever answers come', () => {
    const answer = fc.record({
      atMs: fc.nat(1_000_000),
      ttftMs: fc.oneof(fc.constant(null), fc.nat(600_000)),
      totalMs: fc.nat(600_000),
      outputTokens: fc.nat(100_000),
    });
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 60 }), fc.nat(2_000_000), (answers, nowMs) => {
        const pace = new TargetPace();
        for (const each of answers) pace.add(each);
        const { answers: weight, ttftMs, msPerToken, tail } = pace.at(nowMs);
        expect(weight).toBeLessThanOrEqual(40);
        if (weight === 0) return;
        for (const value of [ttftMs, msPerToken])
          expect(value !== null && value >= 0 && Number.isFinite(value)).toBe(true);
        expect(tail !== null && tail >= 1 && Number.isFinite(tail)).toBe(true);
      }),
    );
  });
});
