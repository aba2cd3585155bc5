/** A provider made of fifteen lines must hold what every provider must. */
import {
  type Answering,
  type Held,
  type ProviderSubject,
  providerContract,
  type Said,
  type ServiceRequest,
  type Situation,
} from '@vibe/contract-tests';
import type { Provider } from '@vibe/core';
import { type Fault, type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { openAiCompatible } from './open-ai-compatible.js';

const goodKey = 'sk-contract-good-0123456789';
const wrongKey = 'sk-contract-wrong-0123456789';
const hintMs = 2_000;

const compatible = (baseUrl: string, apiKey = goodKey): Provider =>
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

await providerContract({ describe, it }, { name: 'openAiCompatible', setup });

async function setup(): Promise<ProviderSubject> {
  const simulator = await startSimulator();
  const caching = await startSimulator({ cachedShare: 0.5 });
  const enter = (...faults: Fault[]): Held => {
    simulator.reset();
    if (faults.length > 0) simulator.script({ fault: faults });
    return watched(simulator);
  };
  const base = simulator.baseUrls.openai;
  return {
    provider: compatible(base),
    secrets: [goodKey, wrongKey],
    situations: {
      answer: () => answering(simulator, enter()),
      cachedInput: () => ({ ...answering(caching, watched(caching)), provider: compatible(caching.baseUrls.openai) }),
      holdBack: () => enter({ kind: 'stall', afterDeltas: 1 }),
      silence: () => enter({ kind: 'stall' }),
      badKey: () => ({ ...enter(), provider: compatible(base, wrongKey) }),
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

function watched(simulator: Simulator): Held {
  return {
    requests: () =>
      simulator
        .requests()
        .filter(({ endpoint }) => endpoint === 'openai.chat')
        .map(({ method, path, body }): ServiceRequest => ({ method, path, body })),
    arrived: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0)),
    left: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0 && attempts.running === 0)),
  };
}

function answering(simulator: Simulator, situation: Situation): Answering {
  return { ...situation, said: () => asked(simulator, situation.requests().at(-1)) };
}

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
    headers: { authorization: `Bearer ${goodKey}`, 'content-type': 'application/json' },
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
