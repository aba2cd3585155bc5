import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { Permit } from '@vibe/core';
import { refused } from '../expect.js';
import { type LimiterTheme, minuteMs, target } from './bench.js';

/** Several limiters on one store, as processes have them: together they are one. */
export const sharing: LimiterTheme = {
  'counts requests, tokens and days over all of them': async (bench) => {
    const limiter = await bench.another();
    for (const [limits, demand] of [
      [{ rpm: 1 }, {}],
      [{ tpm: 100 }, { tokens: 60 }],
      [{ rpd: 1 }, {}],
      [{ burst: { windowMs: 5_000, requests: 1 } }, {}],
    ] as const) {
      const asked = { ...target, model: JSON.stringify(limits) };
      await bench.take(limits, demand, { target: asked });
      strictEqual(await bench.fits(limits, demand, { target: asked, limiter }), false);
    }
  },

  'never lets more than the limit into any true minute, whoever asks': async (bench) => {
    const limiters = [bench.limiter, await bench.another()];
    const admittedAt: number[] = [];
    for (let call = 0; call < 200; call++) {
      bench.clock.advance([0, 0, 700, 1, 29_000][call % 5] ?? 0);
      const limiter = limiters[call % 3 === 0 ? 1 : 0] ?? bench.limiter;
      if (!(await bench.fits({ rpm: 5 }, {}, { limiter }))) continue;
      admittedAt.push(bench.clock.now());
      const before = admittedAt.filter((atMs) => atMs > bench.clock.now() - minuteMs).length;
      strictEqual(before <= 5, true, `${before} of 5 within a minute`);
    }
    strictEqual(admittedAt.length > 50, true, `it admits what does fit: ${admittedAt.length}`);
  },

  'bounds the requests in flight over all of them': async (bench) => {
    const limits = { concurrency: 1 };
    const limiter = await bench.another();
    const first = await bench.take(limits);
    strictEqual(await bench.fits(limits, {}, { limiter }), false);
    const { permit } = await bench.wait(limits, {}, { limiter });
    first.release({ dispatched: true });
    await permit;
    strictEqual(await bench.fits(limits), false);
  },

  'lets those who wait elsewhere go when a request used less than was asked for': async (bench) => {
    const limits = { tpm: 100 };
    const limiter = await bench.another();
    const first = await bench.take(limits, { tokens: 100 });
    const { permit, waitMs } = await bench.wait(limits, { tokens: 50 }, { limiter });
    strictEqual(waitMs, minuteMs);
    first.correct(50);
    await permit;
  },

  'has one line: first come first served, wherever they wait': async (bench) => {
    const limits = { concurrency: 1 };
    const limiters = [bench.limiter, await bench.another()];
    let running = await bench.take(limits);
    const line: Promise<Permit>[] = [];
    const order: number[] = [];
    for (const call of [0, 1, 2, 3]) {
      const limiter = limiters[call % 2] ?? bench.limiter;
      const { permit, place } = await bench.wait(limits, {}, { limiter });
      strictEqual(place, call);
      line.push(permit);
      permit.then(
        () => order.push(call),
        () => undefined,
      );
    }
    for (const permit of line) {
      running.release({ dispatched: true });
      running = await permit;
    }
    deepStrictEqual(order, [0, 1, 2, 3]);
  },

  'frees the place of who gives up for those who wait elsewhere': async (bench) => {
    const limits = { tpm: 100 };
    const limiter = await bench.another();
    const controller = bench.newCall();
    await bench.take(limits, { tokens: 80 });
    const first = await bench.wait(limits, { tokens: 50 }, { signal: controller.signal });
    const second = await bench.wait(limits, { tokens: 20 }, { limiter });
    strictEqual(second.place, 1);
    controller.abort();
    await refused(first.permit, 'cancelled');
    await second.permit;
  },

  'tells all of them what a 429 taught one': async (bench) => {
    const limiter = await bench.another();
    bench.limiter.learn(target, { retryAfterMs: 5_000, scope: 'minute' });
    // Whatever else the first one does, it has told by then.
    await bench.fits({});
    strictEqual(await bench.refusedFor({}, {}, { limiter }), 5_000);
  },

  'shows what all of them use': async (bench) => {
    const limits = { rpm: 2, concurrency: 5 };
    const limiter = await bench.another();
    await bench.take(limits, { tokens: 10 });
    await bench.take(limits, { tokens: 20 }, { limiter });
    const controller = bench.newCall();
    const { permit } = await bench.wait(limits, {}, { limiter, signal: controller.signal });
    for (const each of [bench.limiter, limiter]) {
      const state = await each.peek(target, { limits, demand: { requests: 1, tokens: 0 } });
      const { requestsInMinute, tokensInMinute, requestsToday, inFlight, waiting } = state;
      deepStrictEqual([requestsInMinute, tokensInMinute, requestsToday, inFlight, waiting], [2, 30, 2, 2, 1]);
    }
    controller.abort();
    await refused(permit, 'cancelled');
  },

  'gives back the slots of a limiter that is closed': async (bench) => {
    const limits = { concurrency: 1 };
    const limiter = await bench.another();
    await bench.take(limits, {}, { limiter });
    strictEqual(await bench.fits(limits), false);
    await limiter.close();
    await bench.take(limits);
  },
};
