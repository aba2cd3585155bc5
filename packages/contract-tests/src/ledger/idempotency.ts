import { strictEqual } from 'node:assert/strict';
import { VibeError } from '@vibe/core';
import { refused } from '../expect.js';
import type { LedgerTheme } from './bench.js';

const key = { idempotencyKey: 'order-4711' };

/** The caller's own key against sending twice. */
export const idempotency: LedgerTheme = {
  'refuses a second call with a key that is held, and names the first': async (bench) => {
    const budget = bench.budget();
    const first = await bench.hold(40, [budget], key);
    const { details } = await refused(bench.hold(40, [budget], key), 'invalid_request');
    strictEqual(details['firstCallId'], first.callId);
    strictEqual((await bench.gauge(budget)).held, 40);
  },

  'refuses it after the first call was settled as well': async (bench) => {
    const budget = bench.budget();
    const firstCallId = await bench.spend(40, [budget], key);
    const { details } = await refused(bench.hold(40, [budget], key), 'invalid_request');
    strictEqual(details['firstCallId'], firstCallId);
    strictEqual((await bench.gauge(budget)).held, 0);
  },

  'refuses it also where the budget has no room for a second call': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 50 });
    const first = await bench.hold(40, [budget], key);
    const { details } = await refused(bench.hold(40, [budget], key), 'invalid_request');
    strictEqual(details['firstCallId'], first.callId);
    await refused(bench.hold(40, [budget], { idempotencyKey: 'order-4712' }), 'budget_exceeded');
  },

  'takes a key again that a refused call has brought': async (bench) => {
    const budget = bench.budget({ limitNanoUsd: 100 });
    await refused(bench.hold(101, [budget], key), 'budget_exceeded');
    await bench.hold(100, [budget], key);
  },

  'takes the same hold again with its key for the same hold': async (bench) => {
    const budget = bench.budget();
    const request = bench.holdRequest(40, [budget], key);
    await bench.ledger.hold(request);
    await bench.ledger.hold(request);
    strictEqual((await bench.gauge(budget)).held, 40);
  },

  'admits one of many calls with the same key at once': async (bench) => {
    const budget = bench.budget();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => bench.hold(40, [budget], key)));
    const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
    strictEqual(refusals.length, 49);
    for (const { reason } of refusals) strictEqual(VibeError.is(reason, 'invalid_request'), true, String(reason));
    strictEqual((await bench.gauge(budget)).held, 40);
  },

  'keeps different keys apart': async (bench) => {
    const budget = bench.budget();
    const long = 'order-'.repeat(20);
    const keys = ['order-4711', 'order-4712', 'ORDER-4711', 'order-4711 ', `${long}1`, `${long}2`];
    for (const idempotencyKey of keys) await bench.hold(40, [budget], { idempotencyKey });
    strictEqual((await bench.gauge(budget)).held, 240);
  },
};
