import { ok, strictEqual } from 'node:assert/strict';
import { present } from '../expect.js';
import { type LimiterTheme, target } from './bench.js';

const hourMs = 3_600_000;

/** What a provider's 429 teaches. */
export const learning: LimiterTheme = {
  'keeps a target closed for as long as its provider said': async (bench) => {
    bench.limiter.learn(target, { retryAfterMs: 5_000, scope: 'minute' });
    strictEqual(await bench.refusedFor({}), 5_000);
    strictEqual((await bench.limiter.peek(target)).blockedUntilMs, bench.clock.now() + 5_000);
    bench.clock.advance(4_999);
    strictEqual(await bench.refusedFor({}), 1);
    bench.clock.advance(1);
    await bench.take({});
    strictEqual((await bench.limiter.peek(target)).blockedUntilMs, null);
  },

  'leaves other targets open': async (bench) => {
    bench.limiter.learn(target, { retryAfterMs: 5_000, scope: 'minute' });
    await bench.take({}, {}, { target: { ...target, model: 'acme-2' } });
  },

  'pauses for a while when the provider gave no hint': async (bench) => {
    bench.limiter.learn(target, { retryAfterMs: null, scope: 'unknown' });
    const pauseMs = present(await bench.refusedFor({}), 'retryAfterMs');
    ok(pauseMs > 0 && pauseMs <= 60_000, `it pauses for ${pauseMs} ms`);
    bench.clock.advance(pauseMs);
    await bench.take({});
  },

  'is not talked out of a long pause by a shorter one': async (bench) => {
    bench.limiter.learn(target, { retryAfterMs: 20_000, scope: 'minute' });
    bench.limiter.learn(target, { retryAfterMs: 1_000, scope: 'minute' });
    bench.limiter.learn(target, { retryAfterMs: null, scope: 'unknown' });
    strictEqual(await bench.refusedFor({}), 20_000);
  },

  'tells the longer of the two waits, its own and the one it was taught': async (bench) => {
    const limits = { rpm: 1 };
    await bench.take(limits);
    bench.limiter.learn(target, { retryAfterMs: 5_000, scope: 'minute' });
    strictEqual(await bench.refusedFor(limits), 60_000);
    bench.limiter.learn(target, { retryAfterMs: 90_000, scope: 'minute' });
    strictEqual(await bench.refusedFor(limits), 90_000);
  },

  'is closed by a 429 for the day until the day of the provider is over': async (bench) => {
    bench.limiter.learn(target, { retryAfterMs: null, scope: 'day', timezone: 'America/Los_Angeles' });
    // noon UTC is 5 o'clock in Los Angeles
    strictEqual(await bench.refusedFor({}), 19 * hourMs);
    const other = { ...target, model: 'acme-2' };
    bench.limiter.learn(other, { retryAfterMs: null, scope: 'day' });
    strictEqual(await bench.refusedFor({}, {}, { target: other }), 12 * hourMs);
    bench.clock.advance(12 * hourMs);
    await bench.take({}, {}, { target: other });
  },

  'is closed for little more than a day at the most, whatever the provider says': async (bench) => {
    bench.limiter.learn(target, { retryAfterMs: 365 * 24 * hourMs, scope: 'unknown' });
    const closedMs = present(await bench.refusedFor({}), 'retryAfterMs');
    ok(closedMs >= 24 * hourMs && closedMs <= 26 * hourMs, `it is closed for ${closedMs} ms`);
  },
};
