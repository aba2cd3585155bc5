import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ObservedAttempt, targetStats } from './target-sample.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'global', model: 'acme-1' };
const nowMs = 1_000_000;
const halfLifeMs = 60_000;

function attempt(given: Partial<ObservedAttempt> = {}): ObservedAttempt {
  const { ok = true } = given;
  return {
    target,
    ok,
    errorCode: ok ? null : 'timeout',
    atMs: nowMs,
    ttftMs: 100,
    totalMs: 1_000,
    outputTokens: 50,
    actualNanoUsd: 100,
    estimatedNanoUsd: 200,
    ...given,
  };
}

describe('the statistics of a target', () => {
  it('are those of its attempts', () => {
    const attempts = [900, 100, 500].map((totalMs) => attempt({ totalMs, actualNanoUsd: totalMs }));
    expect(targetStats([...attempts, attempt({ ok: false })], {})).toEqual([
      {
        ...target,
        calls: 4,
        failRate: 0.25,
        p50Ms: 500,
        p95Ms: 900,
        ttftMs: 100,
        paceP50Ms: 5,
        paceP95Ms: 9,
        costNanoUsd: 500,
        expectedNanoUsd: 200,
      },
    ]);
  });

  it('leave out failures that are the fault of the caller', () => {
    const wrong = ['invalid_request', 'content_filtered', 'schema_mismatch', 'provider_rejected'];
    const attempts = [attempt(), ...wrong.map((errorCode) => attempt({ ok: false, errorCode }))];
    expect(targetStats(attempts, {})).toMatchObject([{ calls: 1, failRate: 0 }]);
    const guilty = ['provider_rate_limited', 'auth', 'provider_unavailable', 'model_not_found', 'of a newer version'];
    const failing = [attempt(), ...guilty.map((errorCode) => attempt({ ok: false, errorCode }))];
    expect(targetStats(failing, {})).toMatchObject([{ calls: 6, failRate: 5 / 6 }]);
  });

  it('know equal targets for the same, and different ones apart', () => {
    const attempts = [attempt(), attempt({ target: { ...target } }), attempt({ target: { ...target, region: 'cn' } })];
    expect(targetStats(attempts, {}).map(({ region, calls }) => [region, calls])).toEqual([
      ['global', 2],
      ['cn', 1],
    ]);
  });

  it('compare no cost with an expectation that only some of the attempts had', () => {
    const attempts = [attempt(), attempt({ estimatedNanoUsd: null })];
    expect(targetStats(attempts, {})).toMatchObject([{ costNanoUsd: 100, expectedNanoUsd: null }]);
    expect(targetStats([attempt({ actualNanoUsd: null })], {})).toMatchObject([
      { costNanoUsd: null, expectedNanoUsd: null },
    ]);
  });
});

describe('the recent sample', () => {
  const recent = (attempts: readonly ObservedAttempt[]) =>
    targetStats(attempts, { recent: { nowMs, halfLifeMs } })[0]?.recent;

  it('counts an attempt half as much for every half-life of its age', () => {
    const aged = [0, 1, 2].map((halves) => attempt({ atMs: nowMs - halves * halfLifeMs, ok: halves !== 1 }));
    expect(recent(aged)).toMatchObject({ calls: 1.75, failRate: 0.5 / 1.75 });
  });

  it('is null when everything is long ago, and not there when nobody asks', () => {
    expect(recent([attempt({ atMs: nowMs - 3_600_000 })])).toBeNull();
    expect(targetStats([attempt()], {})[0]).not.toHaveProperty('recent');
  });

  it('turns with the latest attempts, whatever was before', () => {
    const before = Array.from({ length: 1_000 }, () => attempt({ atMs: nowMs - 600_000, totalMs: 100 }));
    const now = Array.from({ length: 10 }, () => attempt({ totalMs: 9_000 }));
    expect(recent([...now, ...before])).toMatchObject({ calls: 10, p50Ms: 9_000 });
  });

  it('equals the plain statistics of attempts that are equally old', () => {
    const some = fc.array(fc.record({ ok: fc.boolean(), totalMs: fc.integer({ min: 0, max: 100_000 }) }), {
      minLength: 1,
      maxLength: 150,
    });
    fc.assert(
      fc.property(some, (given) => {
        const [all] = targetStats(given.map(attempt), { recent: { nowMs, halfLifeMs } });
        const { recent: latest, ...plain } = all!;
        expect({ ...target, ...latest }).toEqual(plain);
      }),
    );
  });
});
