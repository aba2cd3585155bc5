export { type ServedModels, type UnpricedModel, unpricedModels } from './check-models.js';
export { checkPrices, type PriceProblem } from './check-prices.js';
export { builtInAliases, builtInCurrencies, builtInPrices, builtInServiceTiers } from './data/index.js';
export type { PricingRegistryOptions } from './options.js';
export { pricingRegistry, pricingRegistry as default } from './plugin.js';
export { createRegistry, type PriceRegistry, type RegistryData } from './registry.js';
export { type RerateOptions, type RerateResult, type Rerating, rerate } from './rerate.js';
export type {
  AliasRow,
  FxInput,
  FxRow,
  PriceInput,
  PriceRow,
  PriceTier,
  Provenance,
  RegistryRate,
  ServiceTierInput,
  ServiceTierRow,
  UnitType,
} from './rows.js';
export { toFxRow, toPriceRow } from './rows.js';
