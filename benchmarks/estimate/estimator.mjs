import { built } from '../lib/from-package.mjs';

/** What the estimate adds for one message: not part of a text. */
const tokensAround = { qwen: 10, gemini: 3, openai: 7, cl100k: 7 };

/** Clients of our packages that only estimate. */
export async function estimatorOf() {
  const { createVibe } = await built('core');
  const { builtInAliases, builtInCurrencies, builtInPrices, createRegistry } = await built('pricing-registry');
  const { qwen } = await built('provider-qwen');
  const { gemini } = await built('provider-gemini');
  const { tokenizerQwen } = await built('tokenizer-qwen');
  const { tokenizerTiktoken } = await built('tokenizer-tiktoken');
  const prices = createRegistry({ prices: builtInPrices, currencies: builtInCurrencies, aliases: builtInAliases });
  const compatible = (id) => ({
    kind: 'provider',
    id,
    tokenFamily: id,
    endpoints: [{ id: 'main', region: 'global', baseUrl: 'http://127.0.0.1', keyPresent: () => true }],
    models: [],
    stream: () => {
      throw new Error('an estimate sends nothing');
    },
  });
  const providers = () => [
    qwen({ apiKey: 'none' }),
    gemini({ apiKey: 'none' }),
    compatible('openai'),
    compatible('cl100k'),
  ];
  const tokenizers = [
    tokenizerQwen(),
    tokenizerTiktoken({ providers: ['openai'] }),
    tokenizerTiktoken({ encoding: 'cl100k_base', providers: ['cl100k'] }),
  ];
  const plain = createVibe({ plugins: [...providers(), prices] });
  const exact = createVibe({ plugins: [...providers(), prices, ...tokenizers] });
  const inputOf = async (vibe, family, model, text) => {
    const reference = `${family}/${model}`;
    const { inputTokens } = await vibe.estimate({ model: reference, prompt: text });
    return inputTokens - tokensAround[family];
  };
  return {
    bound: (family, model, text) => inputOf(plain, family, model, text),
    counted: (family, model, text) => (family === 'gemini' ? null : inputOf(exact, family, model, text)),
    async worstCase({ provider, model, messages, input, output, reasoning }, { withTokenizer, capped }) {
      const vibe = withTokenizer ? exact : plain;
      const quantities = {
        input_token: input,
        output_token: output,
        ...(reasoning > 0 && { reasoning_token: reasoning }),
      };
      const usage = { quantities, unknown: false, source: 'provider' };
      const region = provider === 'qwen' ? 'cn' : 'global';
      const bill = prices.price({ provider, model, region, atMs: Date.now(), usage })?.totalNanoUsd ?? null;
      const cap = capped ? { maxOutputTokens: Math.max(1, output + reasoning) } : {};
      const estimate = await vibe
        .estimate({ model: `${provider}/${model}`, messages, ...(reasoning > 0 && { reasoning: 'low' }), ...cap })
        .catch(() => null);
      if (bill === null || estimate === null || estimate.worstCaseUsd === null) return null;
      return {
        held: Math.round(estimate.worstCaseUsd * 1e9),
        bill,
        inputEstimate: estimate.inputTokens,
        inputTruth: input,
      };
    },
    close: () => Promise.all([plain.close(), exact.close()]),
  };
}
