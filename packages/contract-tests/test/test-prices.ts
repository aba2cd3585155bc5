import type { CostLine, Pricing, Rate } from '@vibe/core';

/** Nano-USD per unit of the one model in the list. */
const prices: Readonly<Record<string, number>> = { input_token: 100, cached_input_token: 25, output_token: 400 };

/** A correct price list of one model, as small as it can be. */
export function testPrices(): Pricing {
  return {
    kind: 'pricing',
    price({ provider, model, usage }) {
      if (provider !== 'acme' || model !== 'acme-1') return null;
      const lines: CostLine[] = [];
      for (const [unit, quantity = 0] of Object.entries(usage.quantities)) {
        if (quantity === 0) continue;
        const price = prices[unit];
        if (price === undefined) return null;
        const nanoUsd = price * quantity;
        lines.push({ unit, quantity, usd: nanoUsd / 1e9, nanoUsd, priceId: `acme-1/${unit}` });
      }
      const totalNanoUsd = lines.reduce((sum, line) => sum + line.nanoUsd, 0);
      return { lines, totalNanoUsd, priceIds: lines.map(({ priceId }) => priceId), currency: 'USD', fxRate: null };
    },
    rates: () => Object.entries(prices).map(rateOf),
  };
}

function rateOf([unit, nanoUsd]: readonly [string, number]): Rate {
  return {
    priceId: `acme-1/${unit}`,
    provider: 'acme',
    model: 'acme-1',
    region: 'global',
    unit,
    price: String(nanoUsd / 1_000),
    per: 1_000_000,
    currency: 'USD',
    tier: null,
    effectiveFrom: '2026-01-01',
    effectiveTo: null,
    source: 'https://acme.example/prices',
    verifiedAt: '2026-01-01',
    confidence: 'high',
  };
}
