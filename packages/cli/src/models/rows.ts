import type { ModelManifest, PluginPart, Pricing, Provider, Rate } from '@vibe/core';
import type { OpenedPlugins } from '../providers/open-providers.js';

/** A model of a provider, with the prices that are valid now. */
export interface ModelRow {
  readonly provider: string;
  readonly profile: string;
  readonly manifest: ModelManifest;
  readonly endpoints: readonly string[];
  readonly rates: readonly Rate[];
}

export async function modelRows({ parts, providers }: OpenedPlugins, nowMs: number): Promise<readonly ModelRow[]> {
  const configured = parts.filter(isPricing);
  const pricing = configured.length > 0 ? configured : await defaultPricing();
  return providers.flatMap(({ provider }) =>
    provider.models.map((manifest) => ({
      provider: provider.id,
      profile: provider.profile ?? 'default',
      manifest,
      endpoints: endpointsOf(provider, manifest),
      rates: ratesOf(pricing, provider.id, manifest.id, nowMs),
    })),
  );
}

/** The price list that calls use when the configuration names none. */
async function defaultPricing(): Promise<readonly Pricing[]> {
  const { pricingRegistry } = await import('@vibe/pricing-registry');
  const plugin = pricingRegistry();
  const parts = plugin.create({ now: Date.now, random: Math.random, warn: () => undefined });
  return [parts].flat().filter(isPricing);
}

function isPricing(part: PluginPart): part is Pricing {
  return part.kind === 'pricing';
}

function endpointsOf({ endpoints }: Provider, manifest: ModelManifest): readonly string[] {
  return endpoints.map(({ id }) => id).filter((id) => manifest.endpoints?.includes(id) ?? true);
}

/** The first price list that knows the model counts, as in a call. */
function ratesOf(pricing: readonly Pricing[], provider: string, model: string, atMs: number): readonly Rate[] {
  for (const part of pricing) {
    const rates = part.rates({ provider, model, atMs });
    if (rates.length > 0) return rates;
  }
  return [];
}

/** The lowest price of a unit, per million tokens or per piece, in the currency of its list; null without one. */
export function lowestRate(rates: readonly Rate[], unit: string): Rate | null {
  const found = rates.filter((rate) => rate.unit === unit);
  return [...found].sort((left, right) => Number(left.price) / left.per - Number(right.price) / right.per)[0] ?? null;
}

/** `0.8 CNY/1M`, `0.24 CNY`. */
export function rateText(rate: Rate | null): string {
  if (rate === null) return '–';
  const sign = rate.currency === 'USD' ? '$' : '';
  const currency = rate.currency === 'USD' ? '' : ` ${rate.currency}`;
  return `${sign}${rate.price}${currency}${rate.per === 1 ? '' : `/${perText(rate.per)}`}`;
}

function perText(per: number): string {
  if (per === 1_000_000) return '1M';
  return per === 1_000 ? '1k' : String(per);
}

export function abilitiesOf({ operations, input, tools, structured, reasoning }: ModelManifest): readonly string[] {
  return [
    ...operations,
    ...(operations.includes('chat') && input.includes('image') ? ['image'] : []),
    ...(operations.includes('chat') && input.includes('audio') ? ['audio'] : []),
    ...(tools ? ['tools'] : []),
    ...(structured ? ['structured'] : []),
    ...(reasoning ? ['reasoning'] : []),
  ];
}
