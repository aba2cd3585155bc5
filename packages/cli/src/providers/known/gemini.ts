import { type Said, type ServiceRequest, simulatedSubject } from '@vibe/contract-tests';
import { gemini, geminiShape } from '@vibe/provider-gemini';
import { type Simulator, startSimulator } from '@vibe/simulator';
import type { KnownProvider } from './known-provider.js';

/** The simulator takes every key that looks like one, and refuses those with `wrong` in them. */
const keys = { good: 'AIzaSimulated-good-0123456789abcdefghij', wrong: 'AIzaSimulated-wrong-0123456789abcdefghi' };

export const knownGemini: KnownProvider = {
  shape: geminiShape,
  calls: {
    chatModels: ['gemini-2.5-flash-lite', 'gemini-3.1-flash-lite', 'gemini-3.5-flash-lite', 'gemini-2.5-flash'],
    chat: { kind: 'plain', reasoning: 'off', maxOutputTokens: 64 },
    stream: { kind: 'chat', reasoning: 'low', maxOutputTokens: 1_536 },
    wrongModel: 'notFound',
    media: {
      speak: { kind: 'speech', models: ['gemini-2.5-flash-preview-tts', 'gemini-3.1-flash-tts-preview'] },
      transcribe: { kind: 'plain', models: ['gemini-2.5-flash-lite', 'gemini-3.1-flash-lite'] },
      paint: { kind: 'picture', models: ['gemini-2.5-flash-image', 'gemini-3.1-flash-lite-image'] },
    },
  },
  subject: () =>
    simulatedSubject({
      start: startSimulator,
      provider: ({ baseUrls }, apiKey) => gemini({ apiKey, baseUrl: baseUrls.gemini }),
      keys,
      answers: ['gemini.generate', 'gemini.stream'],
      said,
    }),
  at: ({ baseUrls }) => gemini({ apiKey: keys.good, baseUrl: baseUrls.gemini }),
};

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
async function said(simulator: Simulator, request: ServiceRequest | undefined): Promise<Said> {
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
    outputTokens: candidatesTokenCount + (thoughtsTokenCount ?? 0),
    ...(cachedContentTokenCount !== undefined && { cachedInputTokens: cachedContentTokenCount }),
    ...(thoughtsTokenCount !== undefined && { reasoningTokens: thoughtsTokenCount }),
  };
}
