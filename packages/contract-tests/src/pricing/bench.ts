import type { BillingUnit, PluginInput, Priced, PriceQuery, Pricing, Quantities, Rate, Region } from '@vibe/core';
import { present } from '../expect.js';
import { partOf } from '../parts.js';

/** A model whose price the pricing part under test is sure of. */
export interface KnownModel {
  readonly provider: string;
  readonly model: string;
  readonly region: Region;
  /** When the price is in force, epoch ms. Default: now. */
  readonly atMs?: number;
}

export interface PricingContractOptions {
  /** Names the pricing in the report. */
  readonly name: string;
  /** A plugin with a pricing part, or the part itself. */
  create(): PluginInput;
  readonly knows: KnownModel;
}

/** What a test is given: the pricing, and questions about the model it knows. */
export class PricingBench {
  readonly pricing: Pricing;
  readonly #knows: Required<KnownModel>;

  constructor(options: PricingContractOptions) {
    this.pricing = partOf('pricing', options.create());
    this.#knows = { atMs: Date.now(), ...options.knows };
  }

  query(quantities: Quantities, fields: Partial<PriceQuery> = {}): PriceQuery {
    return { ...this.#knows, usage: { quantities, unknown: false, source: 'provider' }, ...fields };
  }

  priced(quantities: Quantities): Priced {
    return present(this.pricing.price(this.query(quantities)), `the price of ${JSON.stringify(quantities)}`);
  }

  /** The rows of the known model, in force at its time. */
  rates(): readonly Rate[] {
    return this.pricing.rates(this.#knows);
  }

  /** The units the known model is billed by. */
  units(): readonly BillingUnit[] {
    return [...new Set(this.rates().map(({ unit }) => unit))];
  }
}
