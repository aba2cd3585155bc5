import { providerContract, type Said, type ServiceRequest, simulatedSubject } from '@vibe/contract-tests';
import { type Simulator, startSimulator } from '@vibe/simulator';
import { describe, it } from 'vitest';
import { gemini } from './index.js';

const keys = { good: 'AIzaContractGood-0123456789abcdefghijkl', wrong: 'AIzaContract-wrong-0123456789abcdefghij' };

const setup = () =>
  simulatedSubject({
    start: startSimulator,
    provider: ({ baseUrls }, apiKey) => gemini({ apiKey, baseUrl: baseUrls.gemini }),
    keys,
    answers: ['gemini.generate', 'gemini.stream'],
    said: asked,
  });

await providerContract({ describe, it }, { name: '@vibe/provider-gemini', setup });

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
    headers: { 'x-goog-api-key': keys.good, 'content-type': 'application/json' },
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
