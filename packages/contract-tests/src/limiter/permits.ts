import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { refused } from '../expect.js';
import { type LimiterTheme, minuteMs, target } from './bench.js';

/** What a permit can still change. */
export const permits: LimiterTheme = {
  'frees at once what was estimated too high': async (bench) => {
    const limits = { tpm: 100 };
    const permit = await bench.take(limits, { tokens: 100 });
    strictEqual(await bench.fits(limits, { tokens: 60 }), false);
    permit.correct(40);
    await bench.take(limits, { tokens: 60 });
    strictEqual(await bench.refusedFor(limits, { tokens: 1 }), minuteMs);
  },

  'counts what was estimated too low, from the time of the request': async (bench) => {
    const limits = { tpm: 100 };
    const permit = await bench.take(limits, { tokens: 10 });
    bench.clock.advance(20_000);
    permit.correct(100);
    strictEqual(await bench.refusedFor(limits, { tokens: 1 }), 40_000);
  },

  'takes the last correction for the true one, also after the release': async (bench) => {
    const limits = { tpm: 100 };
    const permit = await bench.take(limits, { tokens: 100 });
    for (const tokens of [40, 60, 50]) {
      permit.correct(tokens);
      strictEqual((await bench.limiter.peek(target)).tokensInMinute, tokens);
    }
    permit.release({ dispatched: true });
    permit.correct(70);
    strictEqual((await bench.limiter.peek(target)).tokensInMinute, 70);
  },

  'gives a request that was never sent back, whole and once': async (bench) => {
    const limits = { rpm: 1, tpm: 100, rpd: 2 };
    const permit = await bench.take(limits, { tokens: 100 });
    permit.release({ dispatched: false });
    permit.release({ dispatched: false });
    const { requestsInMinute, tokensInMinute, requestsToday, inFlight } = await bench.limiter.peek(target, {
      limits,
      demand: { requests: 1, tokens: 1 },
    });
    deepStrictEqual([requestsInMinute, tokensInMinute, requestsToday, inFlight], [0, 0, 0, 0]);
    await bench.take(limits, { tokens: 100 });
    strictEqual(await bench.fits(limits), false);
  },

  'keeps counting a request that was sent': async (bench) => {
    const limits = { rpm: 1 };
    (await bench.take(limits)).release({ dispatched: true });
    strictEqual(await bench.fits(limits), false);
    bench.clock.advance(minuteMs);
    const corrected = await bench.take(limits);
    corrected.correct(10);
    corrected.release();
    strictEqual(await bench.fits(limits), false);
  },

  'keeps counting the estimate of a request that was sent and of which nobody knows more': async (bench) => {
    const limits = { tpm: 100 };
    const permit = await bench.take(limits, { tokens: 60 });
    permit.release({ dispatched: true });
    strictEqual(await bench.fits(limits, { tokens: 41 }), false);
    strictEqual((await bench.limiter.peek(target)).tokensInMinute, 60);
  },

  'takes a permit that is released without a word for one that was never sent': async (bench) => {
    const limits = { rpm: 1 };
    (await bench.take(limits)).release();
    await bench.take(limits);
  },

  'bounds the requests in flight': async (bench) => {
    const limits = { concurrency: 2 };
    const first = await bench.take(limits);
    await bench.take(limits);
    await refused(bench.take(limits), 'rate_limited');
    strictEqual((await bench.limiter.peek(target)).inFlight, 2);
    first.release({ dispatched: true });
    await bench.take(limits);
    await refused(bench.take(limits), 'rate_limited');
  },

  'frees one slot per request, however often it is released': async (bench) => {
    const limits = { concurrency: 2 };
    const first = await bench.take(limits);
    await bench.take(limits);
    first.release();
    first.release();
    first.release({ dispatched: false });
    await bench.take(limits);
    strictEqual(await bench.fits(limits), false);
  },

  'takes nothing from the other limits when no slot is free': async (bench) => {
    const limits = { concurrency: 1, rpm: 2 };
    const first = await bench.take(limits);
    await refused(bench.take(limits), 'rate_limited');
    first.release({ dispatched: true });
    await bench.take(limits);
    strictEqual((await bench.limiter.peek(target)).requestsInMinute, 2);
  },
};
