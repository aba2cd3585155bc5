import type { ModelManifest, Pricing, Provider, ProviderCall } from '@vibe/core';

export interface Acme extends Provider {
  /** Every request that was sent. */
  readonly sent: ProviderCall[];
}

const manifest: Omit<ModelManifest, 'id'> = {
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: false,
  structured: false,
  reasoning: false,
  tier: 'standard',
};

/** A provider without a network. An answer takes ten output tokens; `acme-1` can make a hundred, `acme-endless` says no bound. */
export function acme(onSent: () => void | Promise<void> = () => undefined): Acme {
  const sent: ProviderCall[] = [];
  return {
    kind: 'provider',
    id: 'acme',
    sent,
    endpoints: [{ id: 'main', region: 'global', baseUrl: 'https://acme.example', keyPresent: () => true }],
    models: [
      { ...manifest, id: 'acme-1', maxOutputTokens: 100 },
      { ...manifest, id: 'acme-unpriced', maxOutputTokens: 100 },
      { ...manifest, id: 'acme-endless' },
    ],
    async *stream(call) {
      sent.push(call);
      await onSent();
      yield {
        type: 'final',
        result: {
          content: [{ type: 'text', text: 'ok' }],
          finishReason: 'stop',
          rawFinishReason: 'stop',
          usage: { quantities: { output_token: 10 }, unknown: false, source: 'provider' },
          servedModel: null,
          requestId: null,
        },
      };
    },
    // So that a worst case is a round number.
    estimate: () => ({ quantities: { input_token: 0 }, unknown: true, source: 'estimated' }),
  };
}

/** A hundredth of a cent per output token: a call of `acme-1` holds a cent and costs a tenth of it. */
export const tokenNanoUsd = 100_000;

export const acmePrices: Pricing = {
  kind: 'pricing',
  price: ({ model, usage }) => {
    if (model === 'acme-unpriced') return null;
    const quantity = usage.quantities.output_token ?? 0;
    const nanoUsd = quantity * tokenNanoUsd;
    const priceId = 'acme/output';
    return {
      lines: [{ unit: 'output_token', quantity, nanoUsd, usd: nanoUsd / 1e9, priceId }],
      totalNanoUsd: nanoUsd,
      priceIds: [priceId],
      currency: 'USD',
      fxRate: null,
    };
  },
  rates: () => [],
};
