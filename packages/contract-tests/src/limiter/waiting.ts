import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Permit } from '@vibe/core';
import { refused } from '../expect.js';
import { type LimiterTheme, minuteMs, type RunningLimiterTheme, target } from './bench.js';

const dayMs = 86_400_000;

/** Waits that are decided in advance: time stands still, so none of them ends by itself. */
export const waiting: LimiterTheme = {
  'refuses at once what would wait longer than it may, and takes nothing for it': async (bench) => {
    const limits = { rpm: 1, tpm: 100 };
    await bench.take(limits, { tokens: 60 });
    bench.clock.advance(1_000);
    let told = false;
    const { retryAfterMs, retryable } = await refused(
      bench.take(limits, { tokens: 60 }, { maxWaitMs: 58_999, onWait: () => (told = true) }),
      'rate_limited',
    );
    deepStrictEqual([retryAfterMs, retryable, told], [59_000, true, false]);
    const { waiting: inLine, requestsInMinute, tokensInMinute } = await bench.limiter.peek(target);
    deepStrictEqual([inLine, requestsInMinute, tokensInMinute], [0, 1, 60]);
  },

  'says in advance how long each one will wait, and in which place': async (bench) => {
    const limits = { rpm: 1 };
    const controller = bench.newCall();
    const { signal } = controller;
    await bench.take(limits);
    bench.clock.advance(20_000);
    const line = [];
    for (let call = 0; call < 3; call++) line.push(await bench.wait(limits, {}, { signal }));
    deepStrictEqual(
      line.map(({ waitMs, place }) => [waitMs, place]),
      [
        [40_000, 0],
        [100_000, 1],
        [160_000, 2],
      ],
    );
    strictEqual((await bench.limiter.peek(target)).waiting, 3);
    strictEqual(await bench.refusedFor(limits), 220_000);
    controller.abort();
    for (const { permit } of line) await refused(permit, 'cancelled');
  },

  'still counts today while somebody waits for tomorrow': async (bench) => {
    const limits = { rpd: 1 };
    const controller = bench.newCall();
    await bench.take(limits);
    const { permit, waitMs } = await bench.wait(limits, {}, { maxWaitMs: 2 * dayMs, signal: controller.signal });
    strictEqual(waitMs, dayMs / 2);
    strictEqual(await bench.fits(limits), false);
    strictEqual((await bench.limiter.peek(target, { limits, demand: { requests: 1, tokens: 0 } })).requestsToday, 1);
    controller.abort();
    await refused(permit, 'cancelled');
  },

  'ends a wait with its signal, and leaves no trace of it': async (bench) => {
    const limits = { tpm: 100 };
    const controller = bench.newCall();
    await bench.take(limits, { tokens: 90 });
    const { permit } = await bench.wait(limits, { tokens: 50 }, { signal: controller.signal });
    controller.abort();
    await refused(permit, 'cancelled');
    strictEqual(getEventListeners(controller.signal, 'abort').length, 0, 'listeners that stay on the signal');
    const { waiting: inLine, tokensInMinute } = await bench.limiter.peek(target);
    deepStrictEqual([inLine, tokensInMinute], [0, 90]);
    await bench.take(limits, { tokens: 10 });
  },

  'leaves no listener on the signal of a call that it admits or refuses': async (bench) => {
    const controller = bench.newCall();
    const limits = { rpm: 1, concurrency: 1 };
    (await bench.take(limits, {}, { signal: controller.signal })).release({ dispatched: true });
    await refused(bench.take(limits, {}, { signal: controller.signal }), 'rate_limited');
    strictEqual(getEventListeners(controller.signal, 'abort').length, 0);
  },

  'gives nothing to a call that is over already': async (bench) => {
    await refused(bench.take({ rpm: 1 }, {}, { signal: AbortSignal.abort() }), 'cancelled');
    strictEqual((await bench.limiter.peek(target)).requestsInMinute, 0);
    await bench.take({ rpm: 1 });
  },

  'hands a slot that becomes free to whoever waited first': async (bench) => {
    const limits = { concurrency: 1 };
    const first = await bench.take(limits);
    const order: string[] = [];
    const line = [];
    for (const name of ['second', 'third']) {
      const { permit } = await bench.wait(limits);
      line.push(permit);
      permit.then(
        () => order.push(name),
        () => undefined,
      );
    }
    first.release({ dispatched: true });
    const second = (await line[0]) as Permit;
    deepStrictEqual(order, ['second']);
    second.release({ dispatched: true });
    await line[1];
    deepStrictEqual(order, ['second', 'third']);
  },

  'passes the slot of a waiting call that gave up to the next in line': async (bench) => {
    const limits = { concurrency: 1 };
    const controller = bench.newCall();
    const first = await bench.take(limits);
    const second = await bench.wait(limits, {}, { signal: controller.signal });
    const third = await bench.wait(limits);
    controller.abort();
    await refused(second.permit, 'cancelled');
    strictEqual(getEventListeners(controller.signal, 'abort').length, 0, 'listeners that stay on the signal');
    first.release({ dispatched: true });
    (await third.permit).release({ dispatched: true });
    strictEqual((await bench.limiter.peek(target)).inFlight, 0);
  },

  'closes as often as it is asked to': async (bench) => {
    await bench.take({ rpm: 1 });
    await Promise.all([bench.limiter.close(), bench.limiter.close()]);
    await bench.limiter.close();
  },
};

/** Waits that pass: a few milliseconds of real time, until the permit comes. */
export const passingWaits: RunningLimiterTheme = {
  'grants permits in the order in which they were asked for, also to those who ask for little': async (bench) => {
    const limits = { tpm: 100 };
    await bench.take(limits, { tokens: 100 });
    bench.clock.advance(minuteMs - 30);
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
    bench.clock.advance(minuteMs - 15);
    const { permit } = await bench.wait(limits, {}, { signal: controller.signal });
    await permit;
    strictEqual(getEventListeners(controller.signal, 'abort').length, 0);
  },
};
