import { expect, it } from 'vitest';
import { memoryLedger } from '../defaults/memory-ledger.js';
import type { Ledger } from '../spec/ledger.js';
import { StatsCache } from './stats-cache.js';

it('asks the ledger again after the clock was set back, and not only when it has come to the old time', async () => {
  const ledger = memoryLedger();
  let asked = 0;
  const counting: Ledger = {
    ...ledger,
    stats: (query) => {
      asked++;
      return ledger.stats(query);
    },
  };
  const nowMs = 1_000_000_000;
  const cache = new StatsCache(counting, 5_000, () => nowMs);
  await cache.fresh();
  cache.current(nowMs + 4_999);
  expect(asked).toBe(1);
  cache.current(nowMs - 3_600_000);
  expect(asked).toBe(2);
});
