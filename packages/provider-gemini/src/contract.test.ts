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
import { gemini } from './index.js';

const goodKey = 'AIzaContractGood-0123456789abcdefghijkl';
const wrongKey = 'AIzaContract-wrong-0123456789abcdefghij';
const hintMs = 2_000;

await providerContract({ describe, it }, { name: '@vibe/provider-gemini', setup: geminiSubject });

/** Gemini against the simulator. */
async function geminiSubject(): Promise<ProviderSubject> {
  const simulator = await startSimulator();
  const caching = await startSimulator({ cachedShare: 0.5 });
  const enter = (...faults: Fault[]): Held => {
    simulator.reset();
    if (faults.length > 0) simulator.script({ fault: faults });
    return watched(simulator);
  };
  return {
    provider: provider(simulator.baseUrls.gemini),
    secrets: [goodKey, wrongKey],
    situations: {
      answer: () => answering(simulator, enter()),
      reasoning: () => answering(simulator, enter()),
      cachedInput: () => ({ ...answering(caching, watched(caching)), provider: provider(caching.baseUrls.gemini) }),
      holdBack: () => enter({ kind: 'stall', afterDeltas: 1 }),
      silence: () => enter({ kind: 'stall' }),
      badKey: () => ({ ...enter(), provider: provider(simulator.baseUrls.gemini, wrongKey) }),
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
  return gemini({ apiKey, baseUrl });
}

function watched(simulator: Simulator): Held {
  return {
    requests: () =>
      simulator
        .requests()
        .filter(({ endpoint }) => endpoint === 'gemini.generate' || endpoint === 'gemini.stream')
        .map(({ method, path, body }): ServiceRequest => ({ method, path, body })),
    arrived: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0)),
    left: async () => void (await simulator.waitFor(({ attempts }) => attempts.total > 0 && attempts.running === 0)),
  };
}

function answering(simulator: Simulator, situation: Situation): Answering {
  return { ...situation, said: () => asked(simulator, situation.requests().at(-1)) };
}

interface RawAnswer {
  readonly candidates: readonly [
    { readonly content: { readonly parts: readonly { readonly text: string; readonly thought?: boolean }[] } },
  ];
  readonly usageMetadata: {
    readonly promptTokenCount: number;
    readonly candidatesTokenCount: number;
    readonly cachedContentTokenCount?: number;
    readonly thoughtsTokenCount?: number;
  };
}

/** What the service says to the same request without the provider: equal requests get equal answers. */
async function asked(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
  const path = (request?.path ?? '').replace(/:streamGenerateContent.*/, ':generateContent');
  const response = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': goodKey, 'content-type': 'application/json' },
    body: JSON.stringify(request?.body),
  });
  const { candidates, usageMetadata } = (await response.json()) as RawAnswer;
  const { promptTokenCount, candidatesTokenCount, cachedContentTokenCount, thoughtsTokenCount } = usageMetadata;
  const texts = candidates[0].content.parts.filter(({ thought }) => thought !== true).map(({ text }) => text);
  return {
    text: texts.join(''),
    inputTokens: promptTokenCount,
    // Facts: thoughts are outside of the candidates.
    outputTokens: candidatesTokenCount + (thoughtsTokenCount ?? 0),
    ...(cachedContentTokenCount === undefined ? {} : { cachedInputTokens: cachedContentTokenCount }),
    ...(thoughtsTokenCount === undefined ? {} : { reasoningTokens: thoughtsTokenCount }),
  };
}
