import { built } from '../lib/from-package.mjs';

const { createVibe } = await built('core');
const { pricingRegistry } = await built('pricing-registry');

const candidates = 20;
const calls = 6_000;

/** What planning one call costs with 20 candidates, prices and limits, in µs: from the door of the chain to the finished plan. */
export async function planningMicroseconds() {
  const usage = { quantities: { input_token: 10, output_token: 5 }, unknown: false, source: 'provider' };
  const finish = { finishReason: 'stop', rawFinishReason: 'stop', servedModel: null, requestId: null };
  const provider = {
    kind: 'provider',
    id: 'qwen',
    endpoints: ['a', 'b', 'c', 'd'].map((id) => ({
      id,
      region: 'cn',
      baseUrl: `https://${id}.example`,
      keyPresent: () => true,
    })),
    models: ['qwen-flash', 'qwen-plus', 'qwen-max', 'qwen-turbo', 'qwen3-max'].map((id) => ({
      ...{ id, operations: ['chat'], input: ['text'], output: ['text'], streams: true, tools: true, structured: true },
      ...{ reasoning: false, tier: 'standard', contextTokens: 131_072, maxOutputTokens: 8_192 },
    })),
    async *stream() {
      yield { type: 'final', result: { content: [{ type: 'text', text: 'x' }], usage, ...finish } };
    },
  };
  let beganAt = 0;
  const taken = [];
  const vibe = createVibe({
    plugins: [provider, pricingRegistry()],
    budgets: [{ window: 'day', limitUsd: 1_000 }],
    limits: { '*': { rpm: 1_000_000 } },
    middleware: [
      (next) => (call) => {
        beganAt = performance.now();
        return next(call);
      },
    ],
  });
  vibe.on('plan', ({ candidates: ranked }) => {
    if (ranked.length !== candidates) throw new Error(`${ranked.length} candidates instead of ${candidates}`);
    taken.push((performance.now() - beganAt) * 1_000);
  });
  for (let call = 0; call < calls; call++)
    await vibe.generate({ prompt: `Question ${call}`, maxOutputTokens: 100 + (call % 500) });
  await vibe.close();
  const ascending = taken.slice(calls / 2).sort((first, second) => first - second);
  return {
    medianUs: ascending[Math.floor(ascending.length / 2)],
    p95Us: ascending[Math.floor(ascending.length * 0.95)],
  };
}
