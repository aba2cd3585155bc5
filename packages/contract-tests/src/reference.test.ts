import { defaultRouter, memoryLedger, memoryLimiter } from '@vibe/core';
import { describe, it } from 'vitest';
import { testPrices } from '../test/test-prices.js';
import { toySubject } from '../test/toy-subject.js';
import { ledgerContract, limiterContract, pricingContract, providerContract, routerContract } from './index.js';

const runner = { describe, it };

await ledgerContract(runner, {
  name: 'the memory ledger of core',
  create: async (environment) => ({ ledger: memoryLedger(environment), close: async () => undefined }),
});

await limiterContract(runner, {
  name: 'the memory limiter of core',
  maxWaiting: 20,
  create: async ({ now }) => ({ limiter: memoryLimiter(now, { maxWaiting: 20 }) }),
});

routerContract(runner, { name: 'the default router of core', create: defaultRouter });

pricingContract(runner, {
  name: 'a small price list',
  create: testPrices,
  knows: { provider: 'acme', model: 'acme-1', region: 'global', atMs: Date.parse('2026-11-22') },
});

await providerContract(runner, { name: 'a toy', setup: () => toySubject() });
