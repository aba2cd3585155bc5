import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Permit } from '@vibe/core';
import { refused, within } from '../expect.js';
import { type LimiterTheme, target } from './bench.js';

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

  'ends a wait as well with `onAbort`, and takes back what it was given for a wait that ends well': async (bench) => {
    const limits = { concurrency: 1 };
    const acts = new Set<() => void>();
    const onAbort = (act: () => void) => {
      acts.add(act);
      return () => void acts.delete(act);
    };
    const first = await bench.take(limits);
    const second = await bench.wait(limits, {}, { onAbort });
    first.release({ dispatched: true });
    await second.permit;
    strictEqual(acts.size, 0, 'what stays with a call that waits no more');
    const controller = bench.newCall();
    const third = await bench.wait(limits, {}, { onAbort, signal: controller.signal });
    controller.abort();
    for (const act of acts) act();
    await refused(third.permit, 'cancelled');
    strictEqual((await bench.limiter.peek(target)).waiting, 0);
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

  'lets nobody pass those who wait, also who would fit at once': async (bench) => {
    const limits = { tpm: 100 };
    const controller = bench.newCall();
    await bench.take(limits, { tokens: 90 });
    const { permit } = await bench.wait(limits, { tokens: 50 }, { signal: controller.signal });
    strictEqual(await bench.fits(limits, { tokens: 5 }), false);
    controller.abort();
    await refused(permit, 'cancelled');
    strictEqual(await bench.fits(limits, { tokens: 5 }), true);
  },

  'lets those who wait go as soon as a request used less than was asked for': async (bench) => {
    const limits = { tpm: 100 };
    const first = await bench.take(limits, { tokens: 100 });
    const line = [await bench.wait(limits, { tokens: 60 }), await bench.wait(limits, { tokens: 30 })];
    deepStrictEqual(
      line.map(({ waitMs }) => waitMs),
      [60_000, 60_000],
    );
    first.correct(10);
    for (const { permit } of line) await permit;
    strictEqual((await bench.limiter.peek(target)).tokensInMinute, 100);
  },

  'lets those who wait go as soon as a request turns out never to have been sent': async (bench) => {
    const limits = { rpm: 1 };
    const first = await bench.take(limits);
    const { permit } = await bench.wait(limits);
    first.release({ dispatched: false });
    await permit;
    strictEqual((await bench.limiter.peek(target)).requestsInMinute, 1);
  },

  'lets those behind move up when somebody gives up waiting': async (bench) => {
    const limits = { tpm: 100 };
    const controller = bench.newCall();
    await bench.take(limits, { tokens: 80 });
    const first = await bench.wait(limits, { tokens: 50 }, { signal: controller.signal });
    const second = await bench.wait(limits, { tokens: 20 });
    controller.abort();
    await refused(first.permit, 'cancelled');
    await second.permit;
  },

  'lets nobody wait for a limiter that is closed': async (bench) => {
    const limits = { rpm: 1 };
    await bench.take(limits);
    const line = [await bench.wait(limits), await bench.wait(limits)];
    const ends = line.map(({ permit }) => refused(permit));
    await bench.limiter.close();
    for (const end of ends) await within(end, 'a wait ends when its limiter is closed', 10_000);
    await within(refused(bench.take({ rpm: 9 })), 'a closed limiter refuses', 10_000);
  },

  'closes as often as it is asked to': async (bench) => {
    await bench.take({ rpm: 1 });
    await Promise.all([bench.limiter.close(), bench.limiter.close()]);
    await bench.limiter.close();
  },
};
