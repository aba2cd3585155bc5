import type { PriceRow } from '../rows.js';
import { geminiPrices } from './gemini.js';
import { qwenBeijingPrices } from './qwen-cn.js';
import { qwenInternationalPrices } from './qwen-intl.js';

export { builtInAliases } from './aliases.js';
export { builtInCurrencies } from './currencies.js';
export { builtInServiceTiers } from './service-tiers.js';

/** Every price that ships with the package. */
export const builtInPrices: readonly PriceRow[] = [...geminiPrices, ...qwenBeijingPrices, ...qwenInternationalPrices];
