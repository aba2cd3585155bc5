import { type Said, type ServiceRequest, simulatedSubject } from '@vibe/contract-tests';
import { qwen, qwenShape } from '@vibe/provider-qwen';
import { type Simulator, startSimulator } from '@vibe/simulator';
import type { KnownProvider } from './known-provider.js';

/** The simulator takes every key, and refuses those with `wrong` in them. */
const keys = { good: 'sk-simulated-good-0123456789', wrong: 'sk-simulated-wrong-9876543210' };

export const knownQwen: KnownProvider = {
  shape: qwenShape,
  calls: {
    chatModels: ['qwen-flash', 'qwen3.5-flash', 'qwen-turbo', 'qwen-plus'],
    chat: { kind: 'chat', reasoning: 'off', maxOutputTokens: 64 },
    stream: { kind: 'thinkingStream', reasoning: { budgetTokens: 64 }, maxOutputTokens: 512 },
    wrongModel: 'error',
    media: {
      speak: { kind: 'speech', models: ['qwen3-tts-flash'] },
      transcribe: { kind: 'recognition', models: ['qwen3-asr-flash', 'qwen3-asr-flash-us'] },
      paint: { kind: 'picture', models: ['qwen-image-plus', 'qwen-image-max'] },
    },
  },
  subject: () =>
    simulatedSubject({
      start: startSimulator,
      provider: ({ baseUrls }, apiKey) => qwen({ apiKey, baseUrl: baseUrls.qwen, pollMs: 1 }),
      keys,
      answers: ['qwen.chat'],
      said,
    }),
  at: ({ baseUrls }) => qwen({ apiKey: keys.good, baseUrl: baseUrls.qwen, pollMs: 1 }),
};

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
async function said(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
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
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}
