import type { Provider } from '@vibe/core';
import type { ProviderSubject } from '../src/index.js';
import { toyProvider } from './toy-provider.js';
import { ToyService, toyHintMs, toySaid } from './toy-service.js';

const goodKey = 'toy-good-key-4711';
const badKey = 'toy-bad-key-0815';

/** The toy provider and its service; `mutate` makes a wrong provider of a right one. */
export async function toySubject(
  mutate: (provider: Provider, key: string) => Provider = (it) => it,
): Promise<ProviderSubject> {
  const service = new ToyService();
  const url = await service.start();
  const make = (key: string) => mutate(toyProvider(url, key), key);
  return {
    provider: make(goodKey),
    secrets: [goodKey, badKey],
    situations: {
      answer: () => ({ ...service.enter('answer'), said: () => toySaid.answer }),
      holdBack: () => service.enter('holdBack'),
      silence: () => service.enter('silence'),
      badKey: () => ({ ...service.enter('badKey'), provider: make(badKey) }),
      rateLimited: () => ({ ...service.enter('rateLimited'), retryAfterMs: toyHintMs }),
      rateLimitedWithoutHint: () => service.enter('rateLimitedWithoutHint'),
      serverError: () => service.enter('serverError'),
      overloaded: () => service.enter('overloaded'),
      rejected: () => service.enter('rejected'),
      unreadable: () => service.enter('unreadable'),
      resetBeforeAnswer: () => service.enter('resetBeforeAnswer'),
      resetInAnswer: () => service.enter('resetInAnswer'),
      truncated: () => service.enter('truncated'),
      noUsage: () => service.enter('noUsage'),
      toolCall: () => service.enter('toolCall'),
      structured: () => service.enter('structured'),
      reasoning: () => ({ ...service.enter('reasoning'), said: () => toySaid.reasoning }),
      cachedInput: () => ({ ...service.enter('cachedInput'), said: () => toySaid.cachedInput }),
    },
    close: () => service.close(),
  };
}
