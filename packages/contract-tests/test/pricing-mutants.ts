import type { CostLine, Priced, PriceQuery, Pricing } from '@vibe/core';
import { testPrices } from './test-prices.js';

/** A price list that is wrong on purpose. */
export interface PricingMutant {
  /** The test that must catch it. */
  readonly caughtBy: string;
  readonly create: () => Pricing;
}

const changed = (caughtBy: string, change: (priced: Priced, query: PriceQuery) => Priced | null): PricingMutant => ({
  caughtBy,
  create: () => {
    const right = testPrices();
    return {
      ...right,
      price: (query) => {
        const priced = right.price(query);
        return priced === null ? null : change(priced, query);
      },
    };
  },
});

/** Asks the right list something else. */
const asking = (caughtBy: string, rewrite: (query: PriceQuery) => PriceQuery): PricingMutant => ({
  caughtBy,
  create: () => {
    const right = testPrices();
    return { ...right, price: (query) => right.price(rewrite(query)) };
  },
});

const withLines = (priced: Priced, lines: readonly CostLine[]): Priced => ({
  ...priced,
  lines,
  totalNanoUsd: lines.reduce((sum, line) => sum + line.nanoUsd, 0),
});

const adding = 'counts in whole nano-USD, and its total is the sum of its lines';

const byDate = 'lists the rows that are in force at the time it is asked about, and prices by no other';
const byServer = 'bills the model that answered, where that is known';
const byTier = 'knows no price of a service tier it does not know, and takes none for the standard one';

export const pricingMutants: Readonly<Record<string, PricingMutant>> = {
  'knows a price of everything': asking('knows no price of a model or a provider it does not know', (query) => ({
    ...query,
    provider: 'acme',
    model: 'acme-1',
  })),
  'takes whatever begins like a model for that model': asking(
    'knows no price of a model or a provider it does not know',
    (query) => (query.model.startsWith('acme-1') ? { ...query, model: 'acme-1' } : query),
  ),
  'charges a thousand times what its rows say': changed('charges what the row says that a line names', (priced) =>
    withLines(
      priced,
      priced.lines.map((line) => ({ ...line, nanoUsd: line.nanoUsd * 1_000, usd: (line.nanoUsd * 1_000) / 1e9 })),
    ),
  ),
  'charges nothing at all': changed('charges what the row says that a line names', (priced) =>
    withLines(
      priced,
      priced.lines.map((line) => ({ ...line, nanoUsd: 0, usd: 0 })),
    ),
  ),
  'takes what it does not know for free': asking(
    'knows no price of a usage as soon as any quantity above 0 has none',
    (query) => {
      const { input_token, cached_input_token, output_token } = query.usage.quantities;
      const known = { input_token, cached_input_token, output_token } as Record<string, number>;
      return { ...query, usage: { ...query.usage, quantities: known } };
    },
  ),
  'counts in fractions': changed(adding, (priced) =>
    withLines(
      priced,
      priced.lines.map((line) => ({ ...line, nanoUsd: line.nanoUsd * 1.1, usd: (line.nanoUsd * 1.1) / 1e9 })),
    ),
  ),
  'adds a fee to the total': changed(adding, (priced) => ({ ...priced, totalNanoUsd: priced.totalNanoUsd + 1 })),
  'shows another amount in USD': changed(adding, (priced) => ({
    ...priced,
    lines: priced.lines.map((line) => ({ ...line, usd: Math.round(line.usd * 1e6) / 1e6 })),
  })),
  'forgets a unit': changed('bills every unit once, in one line or in several', (priced) =>
    withLines(priced, priced.lines.slice(1)),
  ),
  'bills a unit twice': changed('bills every unit once, in one line or in several', (priced) =>
    withLines(priced, [...priced.lines, ...priced.lines.slice(0, 1)]),
  ),
  'does not name its rows': changed('names the row of the price list behind every line', (priced) => ({
    ...priced,
    priceIds: [],
  })),
  'charges for asking': changed('charges nothing for nothing', (priced) =>
    withLines(priced, [...priced.lines, { unit: 'request', quantity: 0, usd: 1e-9, nanoUsd: 1, priceId: 'fee' }]),
  ),
  'gives rebates that make more cheaper': changed('never charges less for more', (priced) =>
    withLines(
      priced,
      priced.lines.map((line) =>
        line.quantity < 100_000 ? line : { ...line, nanoUsd: line.quantity, usd: line.quantity / 1e9 },
      ),
    ),
  ),
  'hides the rate of exchange': changed('says in which currency it was listed, and at which rate', (priced) => ({
    ...priced,
    currency: 'CNY',
  })),
  'prices everything as today': asking(byDate, (query) => ({ ...query, atMs: Date.parse('2026-11-22') })),
  'has had its prices for ever': asking(byDate, (query) => ({
    ...query,
    atMs: Math.max(query.atMs, Date.parse('2026-01-01')),
  })),
  'lists what is no longer in force': {
    caughtBy: byDate,
    create: () => {
      const right = testPrices();
      return { ...right, rates: () => right.rates() };
    },
  },
  'begins its prices a day late': asking(byDate, (query) => ({ ...query, atMs: query.atMs - 86_400_000 })),
  'says that no price will ever change': {
    caughtBy: 'says when its next price begins or ends, when it says so at all',
    create: () => ({ ...testPrices(), nextChangeMs: () => null }),
  },
  'does not look at who has answered': asking(byServer, ({ servedModel, ...query }) => query),
  'does not bill what has another name than what was asked for': changed(byServer, (priced, query) =>
    query.servedModel !== undefined && query.servedModel !== query.model ? null : priced,
  ),
  'names the row of the model that was asked for': changed(byServer, (priced, { model }) => ({
    ...withLines(
      priced,
      priced.lines.map((line) => ({ ...line, priceId: line.priceId.replace('acme-1', model) })),
    ),
    priceIds: priced.priceIds.map((id) => id.replace('acme-1', model)),
  })),
  'takes every service tier for the standard one': asking(byTier, ({ usage: { serviceTier, ...usage }, ...query }) => ({
    ...query,
    usage,
  })),
  'prices no service tier at all': changed(byTier, (priced, { usage }) =>
    usage.serviceTier === undefined ? priced : null,
  ),
  'has its prices from nowhere': {
    caughtBy: 'lists the rows it prices by, each with its source',
    create: () => {
      const right = testPrices();
      return { ...right, rates: (query) => right.rates(query).map((rate) => ({ ...rate, source: '' })) };
    },
  },
  'has another price every time': {
    caughtBy: 'gives the same price for the same usage, and changes nothing of the question',
    create: () => {
      const right = testPrices();
      let asked = 0;
      return {
        ...right,
        price(query) {
          const priced = right.price(query);
          asked++;
          return priced === null || asked % 2 === 0 ? priced : { ...priced, lines: priced.lines.toReversed() };
        },
      };
    },
  },
};
