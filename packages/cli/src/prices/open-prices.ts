import type { Pricing } from '@vibe/core';
import type { PriceRegistry, RegistryRate } from '@vibe/pricing-registry';
import type { OpenedPlugins } from '../providers/open-providers.js';
import { UsageError } from '../usage-error.js';

/** The price list of a configuration: ours, with the user's prices on top, or that of another plugin. */
export function pricingOf({ parts }: OpenedPlugins): Pricing {
  const pricing = parts.find((part) => part.kind === 'pricing');
  if (pricing === undefined) throw new UsageError('No plugin brings prices.', ['npm i @vibe/pricing-registry']);
  return pricing;
}

/** Rows as our registry shows them; what another plugin does not say is null or empty. */
export function ratesOf(pricing: Pricing, query: Parameters<PriceRegistry['rates']>[0]): readonly RegistryRate[] {
  return pricing.rates(query).map((rate) => ({
    unitType: 'token',
    covers: [],
    thinking: null,
    provenance: 'builtin',
    origin: null,
    conflicts: [],
    note: null,
    ...rate,
    tier: rate.tier,
  }));
}
