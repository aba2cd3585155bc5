import { describe, expect, it } from 'vitest';
import { builtInAliases, builtInCurrencies, builtInPrices, builtInServiceTiers } from './data/index.js';
import { createRegistry, type RegistryData } from './registry.js';
import { toServiceTierRow } from './rows.js';

const atMs = Date.UTC(2026, 10, 22);

function total(model: string, serviceTier: string | undefined, more: Partial<RegistryData> = {}) {
  const registry = createRegistry({
    prices: builtInPrices,
    currencies: builtInCurrencies,
    aliases: builtInAliases,
    serviceTiers: builtInServiceTiers,
    ...more,
  });
  const [provider = '', name = '', region = ''] = model.split(' ');
  const quantities = { input_token: 1_001, output_token: 3 };
  const tier = serviceTier === undefined ? {} : { serviceTier };
  const usage = { quantities, unknown: false, source: 'provider' as const, ...tier };
  return registry.price({ provider, model: name, region, atMs, usage });
}

describe('a service tier', () => {
  it.each([undefined, 'standard', '', 'default'])('of %s costs the listed price', (tier) => {
    // 1001 × 300 + 3 × 2500
    expect(total('gemini gemini-2.5-flash global', tier)?.totalNanoUsd).toBe(307_800);
  });

  it.each(['flex', 'batch'])('of %s costs half, each line rounded up', (tier) => {
    // 1001 × 150 = 150,150; 3 × 1250 = 3,750
    const priced = total('gemini gemini-2.5-flash global', tier);
    expect(priced?.totalNanoUsd).toBe(153_900);
    expect(priced?.priceIds).toEqual([
      `gemini/gemini-2.5-flash/global/input_token@2025-06-17+${tier}`,
      `gemini/gemini-2.5-flash/global/output_token@2025-06-17+${tier}`,
    ]);
  });

  it('of priority has its own multiplier for some models, and the upper end of the range for the others', () => {
    // gemini-3.7-flash: 1001 × 750 × 1.8 = 1,351,350; 3 × 3750 × 1.8 = 20,250
    expect(total('gemini gemini-3.7-flash global', 'priority')?.totalNanoUsd).toBe(1_371_600);
    // gemini-3.8-flash: twice 1001 × 750 + 3 × 3750 = 762,000
    expect(total('gemini gemini-3.8-flash global', 'priority')?.totalNanoUsd).toBe(1_524_000);
  });

  it('that nobody has a price for makes the call unpriced, not standard', () => {
    expect(total('gemini gemini-2.5-flash global', 'provisioned_throughput')).toBeNull();
    expect(total('qwen qwen-plus sg', 'batch')).toBeNull();
  });

  it('multiplies tokens, and no searches on the web', () => {
    const registry = createRegistry({
      prices: builtInPrices,
      currencies: [],
      aliases: [],
      serviceTiers: builtInServiceTiers,
    });
    const quantities = { input_token: 1_000, web_search: 1 };
    const usage = { quantities, unknown: false, source: 'provider', serviceTier: 'flex' } as const;
    const model = 'gemini-2.5-flash';
    const priced = registry.price({ provider: 'gemini', model, region: 'global', atMs, usage });
    expect(priced?.lines.map(({ nanoUsd }) => nanoUsd)).toEqual([150_000, 35_000_000]);
  });

  it('of a contract for all models holds for those too that have a multiplier in the list', () => {
    const contract = toServiceTierRow({
      provider: 'gemini',
      model: '*',
      serviceTier: 'priority',
      multiplier: '1',
      effectiveTo: '2026-12-01',
    });
    // 1001 × 750 + 3 × 3750
    const asked = ['gemini gemini-3.7-flash global', 'priority'] as const;
    expect(total(...asked, { userServiceTiers: [contract] })?.totalNanoUsd).toBe(762_000);
    const over = { ...contract, effectiveTo: '2026-11-22' };
    expect(total(...asked, { userServiceTiers: [over] })).toEqual(total(...asked));
  });

  it('is what the user says it is, while it is in force', () => {
    const contract = toServiceTierRow({
      provider: 'qwen',
      model: 'qwen-plus',
      serviceTier: 'batch',
      multiplier: '0.333',
      effectiveTo: '2026-12-01',
    });
    // 1001 × 400 × 0.333 = 133,333.2 → 133,334; 3 × 1200 × 0.333 = 1,198.8 → 1,199
    expect(total('qwen qwen-plus sg', 'batch', { userServiceTiers: [contract] })?.totalNanoUsd).toBe(134_533);
    const over = { ...contract, effectiveTo: '2026-11-22' };
    expect(total('qwen qwen-plus sg', 'batch', { userServiceTiers: [over] })).toBeNull();
  });
});
