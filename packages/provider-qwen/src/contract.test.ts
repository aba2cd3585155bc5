import { providerContract, type Said, type ServiceRequest, simulatedSubject } from '@vibe/contract-tests';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { qwen } from './index.js';

const keys = { good: 'sk-contract-good-0123456789', wrong: 'sk-contract-wrong-9876543210' };

const setup = () =>
  simulatedSubject({
    start: startSimulator,
    provider: ({ baseUrls }, apiKey) => qwen({ apiKey, baseUrl: baseUrls.qwen, pollMs: 1 }),
    keys,
    answers: ['qwen.chat'],
    said: asked,
  });

await providerContract({ describe, it }, { name: '@vibe/provider-qwen', setup });

interface RawAnswer {
  readonly choices: readonly [{ readonly message: { readonly content: string } }];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
    readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
  };
}

/** What the service says to the same request without the provider: equal requests get equal answers. */
async function asked(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
  const { stream: _, stream_options: __, ...body } = (request?.body ?? {}) as Record<string, unknown>;
  const response = await fetch(`${simulator.baseUrls.qwen}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.good}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { choices, usage } = (await response.json()) as RawAnswer;
  const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens;
  const reasoningTokens = usage.completion_tokens_details?.reasoning_tokens;
  return {
    text: choices[0].message.content,
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}
