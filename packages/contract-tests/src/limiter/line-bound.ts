import { strictEqual } from 'node:assert/strict';
import { refused } from '../expect.js';
import type { LimiterTheme } from './bench.js';

/** A line that has an end. */
export function lineBound(maxWaiting: number): LimiterTheme {
  return {
    'is not longer than it may be: who comes then is refused at once, and may come again': async (bench) => {
      const limits = { concurrency: 1 };
      const controller = bench.newCall();
      const { signal } = controller;
      await bench.take(limits);
      const line = [];
      for (let call = 0; call < maxWaiting; call++) line.push(await bench.wait(limits, {}, { signal }));
      const { retryable } = await refused(bench.take(limits, {}, { maxWaitMs: 600_000 }), 'rate_limited');
      strictEqual(retryable, true);
      controller.abort();
      for (const { permit } of line) await refused(permit, 'cancelled');
      await bench.wait(limits);
    },
  };
}
