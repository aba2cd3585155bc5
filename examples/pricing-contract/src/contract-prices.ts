import { definePlugin, type Pricing, type Rate, usdOf } from '@vibe/core';

export interface ContractPricesOptions {
  readonly provider: string;
  /** Day the contract begins, `2026-11-01`. */
  readonly since: string;
  /** USD per million tokens, by model. */
  readonly models: Readonly<Record<string, { readonly input: number; readonly output: number }>>;
}

const million = 1_000_000;

/** Prices of a contract. Put it before other pricing plugins: the first answer counts. */
const contractPrices = definePlugin({
  name: '@vibe/example-pricing-contract',
  specVersion: 'v1',
  create: ({ provider, since, models }: ContractPricesOptions): Pricing => {
    const sinceMs = Date.parse(since);
    const names = (model: string) => Object.hasOwn(models, model);

    /** Nano-USD per token times a million, an integer. */
    const priceOf = (model: string, unit: string): number | null => {
      const prices = names(model) ? models[model] : undefined;
      if (prices === undefined || (unit !== 'input_token' && unit !== 'output_token')) return null;
      return Math.round((unit === 'input_token' ? prices.input : prices.output) * 1e9);
    };
    return {
      kind: 'pricing',
      price({ provider: asked, model, servedModel, atMs, usage }) {
        if (asked !== provider || atMs < sinceMs) return null;
        // The contract is about the standard tier: another one is unknown here, never the same.
        if (usage.serviceTier !== undefined && usage.serviceTier !== 'standard') return null;
        // Who answered is billed; under a name the contract does not have (a snapshot), it is the model that was asked for.
        const billed = servedModel && names(servedModel) ? servedModel : model;
        const lines = [];
        for (const [unit, quantity = 0] of Object.entries(usage.quantities)) {
          if (quantity === 0) continue;
          const price = priceOf(billed, unit);
          // A unit the contract does not name is unknown, never free: another plugin may know it.
          if (price === null) return null;
          const nanoUsd = Math.ceil((quantity * price) / million);
          lines.push({ unit, quantity, nanoUsd, usd: usdOf(nanoUsd), priceId: `contract:${billed}:${unit}` });
        }
        return {
          lines,
          totalNanoUsd: lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0),
          priceIds: lines.map(({ priceId }) => priceId),
          currency: 'USD',
          fxRate: null,
        };
      },
      rates: ({ provider: asked = provider, model: wanted, atMs = sinceMs } = {}) =>
        Object.entries(models)
          .filter(([model]) => asked === provider && atMs >= sinceMs && (wanted === undefined || wanted === model))
          .flatMap(([model, prices]) => [
            rate(model, 'input_token', prices.input),
            rate(model, 'output_token', prices.output),
          ]),
      nextChangeMs: (atMs) => (atMs < sinceMs ? sinceMs : null),
    };

    function rate(model: string, unit: 'input_token' | 'output_token', price: number): Rate {
      return {
        ...{ priceId: `contract:${model}:${unit}`, provider, model, region: 'global', unit, price: String(price) },
        ...{ per: million, currency: 'USD', tier: null, effectiveFrom: since, effectiveTo: null },
        ...{ source: 'the contract', verifiedAt: since, confidence: 'high' },
      };
    }
  },
});
export default contractPrices;
