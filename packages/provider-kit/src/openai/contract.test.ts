/** A provider made of fifteen lines must hold what every provider must. */
import { providerContract, type Said, type ServiceRequest, simulatedSubject } from '@vibe/contract-tests';
import type { Provider } from '@vibe/core';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { openAiCompatible } from './open-ai-compatible.js';

const keys = { good: 'sk-contract-good-0123456789', wrong: 'sk-contract-wrong-0123456789' };

const compatible = (baseUrl: string, apiKey: string): Provider =>
  openAiCompatible({
    id: 'acme',
    endpoints: [{ id: 'main', region: 'eu', baseUrl, apiKey }],
    models: [
      {
        ...{
          id: 'qwen-plus',
          tier: 'standard',
          operations: ['chat'],
          input: ['text', 'image', 'audio'],
          output: ['text'],
        },
        ...{ streams: true, tools: true, structured: true, reasoning: false },
        ...{ contextTokens: 128_000, maxOutputTokens: 8_192 },
      },
    ],
  });

const setup = () =>
  simulatedSubject({
    start: startSimulator,
    provider: ({ baseUrls }, apiKey) => compatible(baseUrls.openai, apiKey),
    keys,
    answers: ['openai.chat'],
    said: asked,
  });

await providerContract({ describe, it }, { name: 'openAiCompatible', setup });

interface RawAnswer {
  readonly choices: readonly [{ readonly message: { readonly content: string | null } }];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  };
}

/** What the service says to the same request without the provider: equal requests get equal answers. */
async function asked(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
  const { stream: _, stream_options: __, ...body } = (request?.body ?? {}) as Record<string, unknown>;
  const response = await fetch(`${simulator.url}${request?.path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.good}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { choices, usage } = (await response.json()) as RawAnswer;
  return {
    text: choices[0].message.content ?? '',
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedInputTokens: usage.prompt_tokens_details.cached_tokens,
    reasoningTokens: 0,
  };
}
