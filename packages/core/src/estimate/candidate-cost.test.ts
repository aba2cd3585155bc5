import { describe, expect, it } from 'vitest';
import type { Call } from '../spec/middleware.js';
import type { Pricing } from '../spec/pricing.js';
import type { ModelManifest } from '../spec/provider.js';
import type { Quantities } from '../spec/usage.js';
import { candidateCost } from './candidate-cost.js';
import { PriceBook } from './price-book.js';

const target = { provider: 'acme', profile: 'default', endpoint: 'main', region: 'cn', model: 'a' };
const manifest: ModelManifest = {
  id: 'a',
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: false,
  structured: false,
  reasoning: true,
  tier: 'standard',
};

/** Nano-USD per token, each line rounded up. */
function pricing(prices: Readonly<Record<string, number>>): Pricing {
  return {
    kind: 'pricing',
    rates: () => [],
    price: ({ usage }) => {
      const lines = Object.entries(usage.quantities).map(([unit, quantity = 0]) => {
        const nanoUsd = Math.ceil(quantity * (prices[unit] ?? Number.NaN));
        return { unit, quantity, nanoUsd, usd: nanoUsd / 1e9, priceId: unit };
      });
      const totalNanoUsd = lines.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0);
      return { lines, totalNanoUsd, priceIds: [], currency: 'USD', fxRate: null };
    },
  };
}

function worst(part: Pricing, thinking: ModelManifest['thinking'], maxOutputTokens: number): number | null {
  const call = { operation: 'chat', request: { messages: [], maxOutputTokens } } as unknown as Call;
  return candidateCost({
    call,
    target,
    manifest: { ...manifest, ...(thinking !== undefined && { thinking }) },
    input: { quantities: { input_token: 10 }, unboundedReason: null },
    defaultMaxOutputTokens: undefined,
    prices: new PriceBook([part]),
    moments: [0],
  }).worstCaseNanoUsd;
}

describe('the worst case of a chat', () => {
  it('is at the thinking price only where the model may think', () => {
    const part = pricing({ input_token: 2, output_token: 3, reasoning_token: 30 });
    expect(worst(part, 'off', 100)).toBe(20 + 300);
    expect(worst(part, 'on', 100)).toBe(20 + 3_000);
    expect(worst(part, undefined, 100)).toBe(20 + 3_000);
  });

  it('covers the rounding of every line its bill may have', () => {
    const prices = { input_token: 1.15, cached_input_token: 1.15, output_token: 2.29, reasoning_token: 2.29 };
    const part = pricing(prices);
    for (let thought = 0; thought <= 50; thought++) {
      for (let cached = 0; cached <= 10; cached++) {
        const quantities: Quantities = {
          input_token: 10 - cached,
          cached_input_token: cached,
          output_token: 50 - thought,
          reasoning_token: thought,
        };
        const bill = part.price({ ...target, atMs: 0, usage: { quantities, unknown: false, source: 'provider' } });
        expect(worst(part, 'on', 50)).toBeGreaterThanOrEqual(bill?.totalNanoUsd ?? Number.NaN);
      }
    }
  });
});
