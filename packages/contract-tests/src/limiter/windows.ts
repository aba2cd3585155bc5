import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Limits } from '@vibe/core';
import { refused } from '../expect.js';
import { randomSource, wholeNumber } from '../random.js';
import { type LimiterBench, type LimiterTheme, minuteMs, target } from './bench.js';

interface Admitted {
  readonly atMs: number;
  readonly weight: number;
}

/** No stretch of a minute, wherever it begins, may hold more than the limit. */
function assertNeverAbove(limit: number, admitted: readonly Admitted[]): void {
  let oldest = 0;
  let used = 0;
  for (const { atMs, weight } of admitted) {
    used += weight;
    for (let entry = admitted[oldest]; entry !== undefined && entry.atMs <= atMs - minuteMs; entry = admitted[++oldest])
      used -= entry.weight;
    ok(used <= limit, `${used} of ${limit} within the minute that ends at ${new Date(atMs).toISOString()}`);
  }
}

/** Asks again and again at the given gaps, and returns what was admitted. */
async function admissions(
  bench: LimiterBench,
  limits: Limits,
  arrivals: Iterable<{ readonly gapMs: number; readonly weight: number }>,
): Promise<readonly Admitted[]> {
  const admitted: Admitted[] = [];
  for (const { gapMs, weight } of arrivals) {
    bench.clock.advance(gapMs);
    const isTokens = limits.tpm !== undefined;
    if (await bench.fits(limits, isTokens ? { tokens: weight } : {}))
      admitted.push({ atMs: bench.clock.now(), weight: isTokens ? weight : 1 });
  }
  return admitted;
}

/** Bursts on both sides of every edge a clock has: full minutes, and a minute after each burst. */
function* edgeBursts() {
  const gapsMs = [59_900, 50, 50, 1, 59_999, 1, 30_000, 29_999, 1, 1];
  for (let burst = 0; burst < 40; burst++)
    for (let call = 0; call < 15; call++)
      yield { gapMs: call === 0 ? (gapsMs[burst % gapsMs.length] ?? 0) : 0, weight: 1 };
}

function* randomArrivals(seed: number, count: number, meanGapMs: number) {
  const random = randomSource(seed);
  for (let call = 0; call < count; call++)
    yield { gapMs: Math.round(-Math.log(1 - random()) * meanGapMs), weight: wholeNumber(random, 1, 40) };
}

/** How much fits, and when. */
export const windows: LimiterTheme = {
  'admits as many requests as the limit says, and tells when the next one fits': async (bench) => {
    const limits = { rpm: 3 };
    await bench.take(limits);
    bench.clock.advance(10_000);
    await bench.take(limits);
    await bench.take(limits);
    strictEqual(await bench.refusedFor(limits), 50_000);
    bench.clock.advance(49_999);
    strictEqual(await bench.refusedFor(limits), 1);
    bench.clock.advance(1);
    await bench.take(limits);
    strictEqual(await bench.refusedFor(limits), 10_000);
  },

  'does not count what it refused': async (bench) => {
    const limits = { rpm: 1 };
    await bench.take(limits);
    for (let second = 1; second < 60; second++) {
      bench.clock.advance(1_000);
      strictEqual(await bench.fits(limits), false);
    }
    bench.clock.advance(1_000);
    await bench.take(limits);
  },

  'counts tokens by their weight': async (bench) => {
    const limits = { tpm: 100 };
    await bench.take(limits, { tokens: 70 });
    bench.clock.advance(1_000);
    await bench.take(limits, { tokens: 30 });
    strictEqual(await bench.refusedFor(limits, { tokens: 1 }), 59_000);
    strictEqual(await bench.refusedFor(limits, { tokens: 71 }), 60_000);
    bench.clock.advance(59_000);
    await bench.take(limits, { tokens: 70 });
  },

  'lets a request pass only when every limit has room, and charges none otherwise': async (bench) => {
    const limits = { rpm: 10, tpm: 100 };
    await bench.take(limits, { tokens: 90 });
    strictEqual(await bench.refusedFor(limits, { tokens: 20 }), minuteMs);
    const { requestsInMinute, tokensInMinute } = await bench.limiter.peek(target);
    deepStrictEqual([requestsInMinute, tokensInMinute], [1, 90]);
    await bench.take(limits, { tokens: 10 });
  },

  'never lets more requests than the limit into any true minute': async (bench) => {
    const admitted = await admissions(bench, { rpm: 10 }, edgeBursts());
    assertNeverAbove(10, admitted);
    ok(admitted.length >= 100, `it admits what does fit: ${admitted.length}`);
  },

  'never lets more tokens than the limit into any true minute': async (bench) => {
    for (const [seed, meanGapMs] of [
      [1, 300],
      [2, 2_000],
      [3, 20_000],
    ] as const) {
      bench.clock.advance(10 * minuteMs);
      assertNeverAbove(500, await admissions(bench, { tpm: 500 }, randomArrivals(seed, 1_000, meanGapMs)));
    }
  },

  'refuses at once, for good, what is larger than the whole limit': async (bench) => {
    for (const [limits, demand] of [
      [{ tpm: 100 }, { tokens: 101 }],
      [{ rpm: 1 }, { requests: 2 }],
      [{ rpd: 1 }, { requests: 2 }],
      [{ burst: { windowMs: 1_000, requests: 1 } }, { requests: 2 }],
    ] as const) {
      const { retryable, retryAfterMs } = await refused(
        bench.take(limits, demand, { maxWaitMs: 1_000 * minuteMs }),
        'rate_limited',
      );
      deepStrictEqual([retryable, retryAfterMs], [false, undefined]);
    }
    await bench.take({ tpm: 100 }, { tokens: 100 });
  },

  'counts requests per day by the calendar of their zone': async (bench) => {
    const limits = { rpd: 2, rpdTimezone: 'America/Los_Angeles' };
    await bench.take(limits);
    await bench.take(limits);
    // noon UTC is 5 o'clock in Los Angeles: 19 hours to midnight
    strictEqual(await bench.refusedFor(limits), 19 * 3_600_000);
    bench.clock.set('2026-03-11T06:59:30Z');
    strictEqual(await bench.fits(limits), false);
    bench.clock.set('2026-03-11T07:00:30Z');
    await bench.take(limits);
    await bench.take(limits);
    strictEqual(await bench.fits(limits), false);
  },

  'counts requests per day in UTC where no zone is named': async (bench) => {
    await bench.take({ rpd: 1 });
    strictEqual(await bench.refusedFor({ rpd: 1 }), 12 * 3_600_000);
    bench.clock.advance(12 * 3_600_000);
    await bench.take({ rpd: 1 });
  },

  'keeps a short window beside the minute': async (bench) => {
    const limits = { rpm: 100, burst: { windowMs: 6_000, requests: 2 } };
    await bench.take(limits);
    bench.clock.advance(1_000);
    await bench.take(limits);
    strictEqual(await bench.refusedFor(limits), 5_000);
    bench.clock.advance(5_000);
    await bench.take(limits);
    strictEqual(await bench.refusedFor(limits), 1_000);
  },

  'lets a request that is larger than a short window have one to itself': async (bench) => {
    const limits = { tpm: 100, burst: { windowMs: 6_000, tokens: 10 } };
    await bench.take(limits, { tokens: 5 });
    strictEqual(await bench.refusedFor(limits, { tokens: 6 }), 6_000);
    strictEqual(await bench.refusedFor(limits, { tokens: 50 }), 6_000);
    bench.clock.advance(6_000);
    await bench.take(limits, { tokens: 50 });
    strictEqual(await bench.refusedFor(limits, { tokens: 1 }), 6_000);
    strictEqual((await refused(bench.take(limits, { tokens: 101 }), 'rate_limited')).retryable, false);
  },

  'forgets nothing when the clock is set back': async (bench) => {
    const limits = { rpm: 2, tpm: 100, rpd: 2 };
    await bench.take(limits, { tokens: 60 });
    await bench.take(limits, { tokens: 40 });
    for (const backMs of [1, 30_000, 3_600_000]) {
      bench.clock.advance(-backMs);
      for (const limit of [{ rpm: 2 }, { tpm: 100 }, { rpd: 2 }])
        strictEqual(await bench.fits(limit, { tokens: 1 }), false, `${JSON.stringify(limit)}, ${backMs} ms back`);
    }
  },

  'counts what it let go before the clock was set back for one more minute, not until the clock is there again': async (
    bench,
  ) => {
    const limits = { rpm: 1 };
    await bench.take(limits);
    bench.clock.advance(-3_600_000);
    strictEqual(await bench.fits(limits), false);
    bench.clock.advance(minuteMs + 1_000);
    strictEqual(await bench.fits(limits), true);
  },

  'takes the limits from each request, so that a changed configuration counts at once': async (bench) => {
    await bench.take({ rpm: 2, tpm: 100 }, { tokens: 60 });
    strictEqual(await bench.fits({ rpm: 1, tpm: 100 }, { tokens: 1 }), false);
    strictEqual(await bench.fits({ rpm: 2, tpm: 60 }, { tokens: 1 }), false);
    await bench.take({ rpm: 2, tpm: 100 }, { tokens: 40 });
    await bench.take({ rpm: 3, tpm: 200 }, { tokens: 100 });
  },

  'counts every target apart': async (bench) => {
    const limits = { rpm: 1 };
    for (const other of [{ model: 'acme-2' }, { endpoint: 'far' }, { profile: 'second' }, { provider: 'other' }, {}])
      await bench.take(limits, {}, { target: { ...target, ...other } });
    strictEqual(await bench.fits(limits), false);
  },

  'admits everything where there is no limit': async (bench) => {
    for (let call = 0; call < 1_000; call++) await bench.take({}, { tokens: 1_000_000 });
  },

  'shows what is used and when there is room, without using any of it': async (bench) => {
    const limits = { rpm: 5, tpm: 100, rpd: 10 };
    await bench.take(limits, { tokens: 30 });
    bench.clock.advance(1_000);
    await bench.take(limits, { tokens: 30 });
    for (const [tokens, freeInMs] of [
      [10, 0],
      [10, 0],
      [50, 59_000],
    ] as const) {
      const { requestsInMinute, tokensInMinute, requestsToday, inFlight, waiting, nextFreeInMs } =
        await bench.limiter.peek(target, { limits, demand: { requests: 1, tokens } });
      deepStrictEqual([requestsInMinute, tokensInMinute, requestsToday, inFlight], [2, 60, 2, 2]);
      deepStrictEqual([waiting, nextFreeInMs], [0, freeInMs]);
    }
  },
};
