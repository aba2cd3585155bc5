import { definePlugin, type PluginHost } from '@vibe/core';
import { checkPrices } from './check-prices.js';
import { builtInAliases, builtInCurrencies, builtInPrices, builtInServiceTiers } from './data/index.js';
import { optionsSchema, type PricingRegistryOptions } from './options.js';
import { createRegistry } from './registry.js';
import { dayMs, type FxRow, type PriceRow, toFxRow, toPriceRow, toServiceTierRow } from './rows.js';

const defaultWarnAgeDays = 180;
const dayLengthMs = 86_400_000;

/**
 * Prices from the built-in list, with the user's own on top:
 * `pricingRegistry({ prices: [{ provider: 'qwen', model: 'qwen-plus', region: 'sg', unit: 'input_token', price: '0.32', per: 1_000_000 }] })`.
 */
export const pricingRegistry = definePlugin<PricingRegistryOptions>({
  name: '@vibe/pricing-registry',
  specVersion: 'v1',
  options: optionsSchema,
  create: (options, host) => {
    const userPrices = (options.prices ?? []).map(toPriceRow);
    const userCurrencies = (options.currencies ?? []).map(toFxRow);
    warnWhenStale(options.warnAgeDays ?? defaultWarnAgeDays, host);
    warnOfSlips(userPrices, [...userCurrencies, ...builtInCurrencies], host);
    return createRegistry({
      prices: builtInPrices,
      currencies: builtInCurrencies,
      aliases: builtInAliases,
      userPrices,
      userCurrencies,
      serviceTiers: builtInServiceTiers,
      userServiceTiers: (options.serviceTiers ?? []).map(toServiceTierRow),
    });
  },
});

/** A price of zero is what the user said, and no slip. */
function warnOfSlips(userPrices: readonly PriceRow[], currencies: readonly FxRow[], host: PluginHost): void {
  for (const { kind, message, priceIds } of checkPrices(userPrices, currencies)) {
    if (kind === 'zero_price') continue;
    host.warn({
      code: 'suspicious_price',
      message: `@vibe/pricing-registry, prices: ${message}`,
      details: { kind, priceIds },
    });
  }
}

function warnWhenStale(warnAgeDays: number, host: PluginHost): void {
  if (warnAgeDays === 0) return;
  const newest =
    builtInPrices
      .map((row) => row.verifiedAt)
      .sort()
      .at(-1) ?? '';
  const ageDays = Math.floor((host.now() - dayMs(newest)) / dayLengthMs);
  if (ageDays <= warnAgeDays) return;
  host.warn({
    code: 'prices_stale',
    message: `The built-in prices were last verified on ${newest}, ${ageDays} days ago. Update @vibe/pricing-registry, or give current prices in its 'prices' option.`,
    details: { verifiedAt: newest, ageDays },
  });
}
