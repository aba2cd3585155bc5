import { describe, expect, it } from 'vitest';
import { patient } from './patience.js';
import type { Scored } from './score.js';

const own = { answers: 5, ttftMs: 1, msPerToken: 1, tail: 1, verbosity: 1, comparedAnswers: 5, inputRatio: 1 };

function scored(model: string, nanoUsd: number | null, seen: { calls: number; failRate: number } | null): Scored {
  const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'cn', model };
  const option = { own: seen === null ? null : { ...own, unanswered: 0, ...seen } } as unknown as Scored['option'];
  const expected = { nanoUsd, p50Ms: 1, p95Ms: 1, ttftMs: 1, failRate: 0 };
  return { option, expected, route: { target, score: 0, scoreParts: {} } };
}

const attempts = (...ranked: Scored[]) => patient(ranked).map((route) => route.attempts);

describe('patience of who wants it cheap', () => {
  const well = { calls: 10, failRate: 0.2 };

  it('asks twice where the next candidate costs more', () => {
    expect(attempts(scored('a', 100, well), scored('b', 300, null))).toEqual([2, undefined]);
  });

  it('moves on at once where that costs about the same, or nobody knows what it costs', () => {
    expect(attempts(scored('a', 100, well), scored('b', 105, null))).toEqual([undefined, undefined]);
    expect(attempts(scored('a', 100, well), scored('b', null, null))).toEqual([undefined, undefined]);
    expect(attempts(scored('a', null, well), scored('b', 100, null))).toEqual([undefined, undefined]);
  });

  it('moves on at once from what is at its limit', () => {
    const at = (freeShare: number, waitMs: number) => {
      const first = scored('a', 100, well);
      return attempts(
        { ...first, option: { ...first.option, headroom: { freeShare, waitMs } } },
        scored('b', 300, null),
      )[0];
    };
    expect([at(0.5, 0), at(0.1, 0), at(0.5, 1_000)]).toEqual([2, undefined, undefined]);
  });

  it('moves on at once from what is down, or was hardly ever called', () => {
    const next = scored('b', 300, null);
    expect(attempts(scored('a', 100, { calls: 10, failRate: 0.6 }), next)[0]).toBeUndefined();
    expect(attempts(scored('a', 100, { calls: 2, failRate: 0 }), next)[0]).toBeUndefined();
    expect(attempts(scored('a', 100, null), next)[0]).toBeUndefined();
  });
});
