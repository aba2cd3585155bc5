// Vibe with everything on: a strict budget on disk, prices, limits far away, breaker, router over two endpoints, retries.
import { join } from 'node:path';
import { built } from '../lib/from-package.mjs';
import { maxOutputTokens, model, prompt, system, temperature } from './prompt.mjs';

const { createVibe } = await built('core');
const { openAiCompatible } = await built('provider-kit', 'openai');

const manifest = {
  id: model,
  operations: ['chat'],
  input: ['text'],
  output: ['text'],
  streams: true,
  tools: true,
  structured: true,
  reasoning: false,
  tier: 'standard',
  contextTokens: 128_000,
  maxOutputTokens: 8_192,
};

const service = (endpoints, connections) =>
  openAiCompatible({ id: 'bench', endpoints, models: [manifest], ...(connections !== undefined && { connections }) });

export async function create({ baseUrl, folder, connections }) {
  // Two places for the router, on one server; the path tells them apart.
  const endpoint = (id) => ({ id, baseUrl: baseUrl.replace('/v1', `,${id}/v1`), apiKey: 'key' });
  const { sqliteLedger } = await built('ledger-sqlite');
  const { pricingRegistry } = await built('pricing-registry');
  const price = (unit, usd) => ({ provider: 'bench', model, region: 'global', unit, price: usd, per: 1_000_000 });
  const prices = [price('input_token', '0.4'), price('output_token', '1.2')];
  const path = join(folder, 'ledger.db');
  const vibe = createVibe({
    plugins: [
      service([endpoint('one'), endpoint('two')], connections),
      sqliteLedger({ path, timezone: 'UTC' }),
      pricingRegistry({ prices }),
    ],
    mode: 'strict_budget',
    budgets: [{ window: 'day', limitUsd: 1_000_000 }],
    limits: { '*': { rpm: 100_000_000, tpm: 1_000_000_000, concurrency: 10_000 } },
  });
  return { vibe, ...contender(vibe) };
}

/** The client alone: ledger and limiter in memory, no budget, no price, no limit, one endpoint. */
export const createUnguarded = async ({ baseUrl }) =>
  contender(createVibe({ plugins: [service([{ id: 'one', baseUrl, apiKey: 'key' }])] }));

const request = (call) => ({ model, system, prompt: prompt(call), maxOutputTokens, temperature });

const contender = (vibe) => ({
  call: async (call) => (await vibe.generate(request(call))).text,
  async *stream(call) {
    for await (const event of vibe.stream(request(call))) if (event.type === 'delta') yield event.text;
  },
  close: () => vibe.close(),
});
