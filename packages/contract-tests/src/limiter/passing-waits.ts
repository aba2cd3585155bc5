import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { refused } from '../expect.js';
import { minuteMs, type RunningLimiterTheme, target } from './bench.js';

/** Clocks and timers round to milliseconds, each for itself. */
const roundingMs = 3;

/** Waits that pass: a few milliseconds of real time, until the permit comes. */
export const passingWaits: RunningLimiterTheme = {
  'grants permits in the order in which they were asked for, also to those who ask for little': async (bench) => {
    const limits = { tpm: 100 };
    await bench.take(limits, { tokens: 100 });
    bench.clock.advance(minuteMs - bench.passingMs);
    const order: string[] = [];
    const line = [];
    for (const [name, tokens] of [
      ['first', 60],
      ['second', 30],
      ['third', 10],
    ] as const) {
      const { permit } = await bench.wait(limits, { tokens });
      line.push(permit);
      permit.then(
        () => order.push(name),
        () => undefined,
      );
    }
    const waited = (await Promise.all(line)).map(({ waitedMs }) => waitedMs);
    deepStrictEqual(order, ['first', 'second', 'third']);
    for (const ms of waited) ok(ms > 0 && ms <= minuteMs, `a permit says how long it was waited for: ${ms}`);
    strictEqual((await bench.limiter.peek(target)).waiting, 0);
  },

  'leaves no listener on the signal after a wait': async (bench) => {
    const limits = { rpm: 1 };
    const controller = bench.newCall();
    await bench.take(limits);
    bench.clock.advance(minuteMs - bench.passingMs);
    const { permit } = await bench.wait(limits, {}, { signal: controller.signal });
    await permit;
    strictEqual(getEventListeners(controller.signal, 'abort').length, 0);
  },

  'grants a permit when it was said, not before': async (bench) => {
    const limits = { rpm: 1 };
    await bench.take(limits);
    bench.clock.advance(minuteMs - bench.passingMs);
    const askedAtMs = bench.clock.now();
    const { permit, waitMs } = await bench.wait(limits);
    ok(waitMs > 0 && waitMs <= bench.passingMs + roundingMs, `it says ${waitMs} ms`);
    const { waitedMs } = await permit;
    const waitedReallyMs = bench.clock.now() - askedAtMs;
    ok(waitedReallyMs >= waitMs - roundingMs, `it waited ${waitedReallyMs} ms instead of ${waitMs}`);
    ok(waitedMs >= waitMs - roundingMs && waitedMs <= waitedReallyMs + roundingMs, `the permit says ${waitedMs} ms`);
  },

  'gives up at its deadline when no request ends before': async (bench) => {
    const limits = { concurrency: 1 };
    const first = await bench.take(limits);
    const askedAtMs = bench.clock.now();
    const { permit } = await bench.wait(limits, {}, { maxWaitMs: bench.passingMs });
    const { retryable } = await refused(permit, 'rate_limited');
    ok(bench.clock.now() - askedAtMs >= bench.passingMs - roundingMs, 'it gave up too early');
    strictEqual(retryable, true);
    deepStrictEqual(await bench.limiter.peek(target).then(({ waiting, inFlight }) => [waiting, inFlight]), [0, 1]);
    first.release({ dispatched: true });
    await bench.take(limits);
  },

  'waits longer when a request used more than was asked for, and gives up at its deadline': async (bench) => {
    const limits = { tpm: 100 };
    await bench.take(limits, { tokens: 50 });
    bench.clock.advance(minuteMs - bench.passingMs);
    const second = await bench.take(limits, { tokens: 50 });
    const { permit, waitMs } = await bench.wait(limits, { tokens: 50 }, { maxWaitMs: 2 * bench.passingMs });
    ok(waitMs > 0 && waitMs <= bench.passingMs + roundingMs, `it says ${waitMs} ms`);
    second.correct(100);
    await refused(permit, 'rate_limited');
    strictEqual((await bench.limiter.peek(target)).waiting, 0);
  },

  'keeps those who wait away from a target that a 429 closes': async (bench) => {
    const limits = { rpm: 1 };
    await bench.take(limits);
    bench.clock.advance(minuteMs - bench.passingMs);
    const { permit } = await bench.wait(limits);
    const learnedAtMs = bench.clock.now();
    bench.limiter.learn(target, { retryAfterMs: 2 * bench.passingMs, scope: 'minute' });
    await permit;
    ok(bench.clock.now() - learnedAtMs >= 2 * bench.passingMs - roundingMs, 'it went to a closed target');
  },
};
