import type { Json } from '@vibe/core';
import type { Annotated } from '../merge/annotated.js';
import { plainOf } from '../merge/annotated.js';
import type { NamedPlugin } from './entries.js';

/** The package whose options are price lists. */
export const pricingPlugin = '@vibe/pricing-registry';

/** Options that are lists of facts: each layer adds to them, and the more specific one is asked first. */
const lists: readonly string[] = ['prices', 'currencies', 'serviceTiers'];

type Options = Readonly<Record<string, Json>>;

/** The prices of a layer, each with the place where it was written, so that a bill can be traced to a line of a file. */
export function withPriceOrigins(options: Options | undefined, node: Annotated | undefined): Options | undefined {
  const prices = node?.kind === 'fields' ? node.entries.get('prices') : undefined;
  if (prices?.kind !== 'list') return options;
  return { ...options, prices: prices.items.map((item) => withOrigin(plainOf(item) as Json, item.origin)) };
}

function withOrigin(price: Json, origin: string): Json {
  // What is no mapping is for the plugin to refuse.
  return typeof price === 'object' && price !== null && !Array.isArray(price) ? { ...price, origin } : price;
}

/** A negotiated price of the user holds in every project that does not name another: lists are joined, not replaced. */
export function joinPrices(general: NamedPlugin, specific: NamedPlugin): NamedPlugin {
  const options: Record<string, Json> = { ...general.options, ...specific.options };
  for (const key of lists) {
    const [own, other] = [specific.options?.[key], general.options?.[key]];
    if (Array.isArray(own) && Array.isArray(other)) options[key] = [...own, ...other];
  }
  return {
    ...specific,
    options: Object.keys(options).length === 0 ? undefined : options,
    optionOrigins: new Map([...general.optionOrigins, ...specific.optionOrigins]),
  };
}
