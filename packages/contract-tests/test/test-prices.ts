import type { CostLine, Pricing, Rate, RateQuery } from '@vibe/core';

/** Nano-USD per unit of the one model in the list. */
const prices: Readonly<Record<string, number>> = { input_token: 100, cached_input_token: 25, output_token: 400 };

/** Twice as dear in the first half of 2026, and not sold before. */
const periods = [
  { id: '2026a', effectiveFrom: '2026-01-01', effectiveTo: '2026-07-01', factor: 2 },
  { id: '2026b', effectiveFrom: '2026-07-01', effectiveTo: null, factor: 1 },
] as const;
type Period = (typeof periods)[number];

const isInForce = ({ effectiveFrom, effectiveTo }: Period, atMs: number) =>
  Date.parse(effectiveFrom) <= atMs && (effectiveTo === null || atMs < Date.parse(effectiveTo));

/** A correct price list of one model, as small as it can be. */
export function testPrices(): Pricing {
  return {
    kind: 'pricing',
    price({ provider, model, servedModel, atMs, usage }) {
      if (provider !== 'acme' || (servedModel ?? model) !== 'acme-1') return null;
      const period = periods.find((candidate) => isInForce(candidate, atMs));
      if (period === undefined || (usage.serviceTier ?? 'standard') !== 'standard') return null;
      const lines: CostLine[] = [];
      for (const [unit, quantity = 0] of Object.entries(usage.quantities)) {
        if (quantity === 0) continue;
        const price = prices[unit];
        if (price === undefined) return null;
        const nanoUsd = price * period.factor * quantity;
        lines.push({ unit, quantity, usd: nanoUsd / 1e9, nanoUsd, priceId: idOf(unit, period) });
      }
      const totalNanoUsd = lines.reduce((sum, line) => sum + line.nanoUsd, 0);
      return { lines, totalNanoUsd, priceIds: lines.map(({ priceId }) => priceId), currency: 'USD', fxRate: null };
    },
    rates: ({ atMs }: RateQuery = {}) =>
      periods
        .filter((period) => atMs === undefined || isInForce(period, atMs))
        .flatMap((period) => Object.keys(prices).map((unit) => rateOf(unit, period))),
    nextChangeMs: (atMs) => starts.find((startMs) => startMs > atMs) ?? null,
  };
}

const starts = periods.map(({ effectiveFrom }) => Date.parse(effectiveFrom));

const idOf = (unit: string, { id }: Period) => `acme-1/${unit}/${id}`;

function rateOf(unit: string, period: Period): Rate {
  return {
    priceId: idOf(unit, period),
    provider: 'acme',
    model: 'acme-1',
    region: 'global',
    unit,
    price: String(((prices[unit] ?? 0) * period.factor) / 1_000),
    per: 1_000_000,
    currency: 'USD',
    tier: null,
    effectiveFrom: period.effectiveFrom,
    effectiveTo: period.effectiveTo,
    source: 'https://acme.example/prices',
    verifiedAt: '2026-01-01',
    confidence: 'high',
  };
}
