import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../test/memory-runner.js';
import { type PricingMutant, pricingMutants } from '../../test/pricing-mutants.js';
import { testPrices } from '../../test/test-prices.js';
import { pricingContract } from './pricing-contract.js';

const knows = { provider: 'acme', model: 'acme-1', region: 'global', atMs: Date.parse('2026-11-22') };
const failures = (create: PricingMutant['create']) =>
  failuresOf((runner) => pricingContract(runner, { name: 'the subject', create, knows }));

describe('the pricing contract', () => {
  it('is kept by a correct price list', async () => {
    expect(await failures(testPrices)).toEqual([]);
  });

  it.each(Object.entries(pricingMutants))('catches a price list that %s', async (_, { create, caughtBy }) => {
    expect((await failures(create)).map(({ name }) => name)).toContain(caughtBy);
  });
});
