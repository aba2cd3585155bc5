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

/** The name of a model, a provider or a tier that no list has. */
export const nobody = 'a-model-that-nobody-has-ever-made';

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

  /** The rows of the known model in force at another time. */
  ratesAt(atMs: number): readonly Rate[] {
    return this.pricing.rates({ ...this.#knows, atMs });
  }

  /** When a row of the known model begins or ends, whether it is in force or not. */
  changes(): readonly number[] {
    const { provider, model, region } = this.#knows;
    const ofAllTimes = [...this.pricing.rates({ provider, model, region }), ...this.rates()];
    const dates = ofAllTimes.flatMap(({ effectiveFrom, effectiveTo }) => [effectiveFrom, effectiveTo ?? effectiveFrom]);
    return [...new Set(dates.map((date) => Date.parse(date)))].sort((one, other) => one - other);
  }

  /** The units the known model is billed by. */
  units(): readonly BillingUnit[] {
    return [...new Set(this.rates().map(({ unit }) => unit))];
  }
}

/** Tests by name; each gets a pricing part of its own. */
export type PricingTheme = Readonly<Record<string, (bench: PricingBench) => void>>;
