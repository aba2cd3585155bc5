import { pricingContract } from '@vibe/contract-tests';
import { describe, it } from 'vitest';
import contractPrices from './contract-prices.js';

pricingContract(
  { describe, it },
  {
    name: 'contract prices',
    create: () =>
      contractPrices({ provider: 'acme', since: '2020-01-01', models: { 'acme-1': { input: 1, output: 3 } } }),
    knows: { provider: 'acme', model: 'acme-1', region: 'global' },
  },
);
