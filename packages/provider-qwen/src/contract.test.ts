import {
  type Answering,
  type Held,
  type ProviderSubject,
  providerContract,
  type Said,
  type ServiceRequest,
  type Situation,
} from '@vibe/contract-tests';
import type { PluginInput } from '@vibe/core';
import { type Fault, type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { qwen } from './index.js';

const goodKey = 'sk-contract-good-0123456789';
const wrongKey = 'sk-contract-wrong-9876543210';
const hintMs = 2_000;

await providerContract({ describe, it }, { name: '@vibe/provider-qwen', setup: qwenSubject });

/** Qwen against the simulator. */
async function qwenSubject(): Promise<ProviderSubject> {
  const simulator = await startSimulator();
  const caching = await startSimulator({ cachedShare: 0.5 });
  const enter = (...faults: Fault[]): Held => {
    simulator.reset();
    if (faults.length > 0) simulator.script({ fault: faults });
    return watched(simulator);
  };
  return {
    provider: provider(simulator.baseUrls.qwen),
    secrets: [goodKey, wrongKey],
    situations: {
      answer: () => answering(simulator, enter()),
      reasoning: () => answering(simulator, enter()),
      cachedInput: () => ({ ...answering(caching, watched(caching)), provider: provider(caching.baseUrls.qwen) }),
      holdBack: () => enter({ kind: 'stall', afterDeltas: 1 }),
      silence: () => enter({ kind: 'stall' }),
      badKey: () => ({ ...enter(), provider: provider(simulator.baseUrls.qwen, wrongKey) }),
      rateLimited: () => ({ ...enter({ kind: 'status', status: 429, retryAfterMs: hintMs }), retryAfterMs: hintMs }),
      rateLimitedWithoutHint: () => enter({ kind: 'status', status: 429 }),
      serverError: () => enter({ kind: 'status', status: 500 }),
      overloaded: () => enter({ kind: 'status', status: 503 }),
      rejected: () => enter({ kind: 'status', status: 400 }),
      unreadable: () => enter({ kind: 'html', status: 200 }),
      resetBeforeAnswer: () => enter({ kind: 'reset' }),
      resetInAnswer: () => enter({ kind: 'reset', afterDeltas: 1 }),
      truncated: () => enter({ kind: 'truncate', afterDeltas: 1 }),
      noUsage: () => enter({ kind: 'missingUsage' }),
      toolCall: () => enter(),
      structured: () => enter(),
    },
    close: async () => void (await Promise.all([simulator.close(), caching.close()])),
  };
}

function provider(baseUrl: string, apiKey = goodKey): PluginInput {
  return qwen({ apiKey, baseUrl, pollMs: 1 });
}

function watched(simulator: Simulator): Held {
  return {
    requests: () =>
      simulator
        .requests()
        .filter(({ endpoint }) => endpoint === 'qwen.chat')
        .map(({ method, path, body }): ServiceRequest => ({ method, path, body })),
    arrived: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0)),
    left: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0 && attempts.running === 0)),
  };
}

function answering(simulator: Simulator, situation: Situation): Answering {
  return { ...situation, said: () => asked(simulator, situation.requests().at(-1)) };
}

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
    headers: { authorization: `Bearer ${goodKey}`, 'content-type': 'application/json' },
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
