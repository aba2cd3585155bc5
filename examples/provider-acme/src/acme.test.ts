import { type ProviderSubject, providerContract, type SituationName } from '@vibe/contract-tests';
import { describe, it } from 'vitest';
import acme from './acme.js';
import { AcmeServer } from './testing/acme-server.js';

await providerContract({ describe, it }, { name: 'provider-acme', setup });

async function setup(): Promise<ProviderSubject> {
  const server = new AcmeServer();
  const baseUrl = await server.start();
  const as = (apiKey: string) => acme({ apiKey, baseUrl });
  const plain = (name: SituationName) => () => server.enter(name); // from now on the service behaves like that
  return {
    provider: as('acme-good-key-4711'),
    secrets: ['acme-good-key-4711', 'acme-bad-key-0815'],
    situations: {
      answer: () => ({ ...server.enter('answer'), said: () => server.said }),
      badKey: () => ({ ...server.enter('badKey'), provider: as('acme-bad-key-0815') }),
      rateLimited: () => ({ ...server.enter('rateLimited'), retryAfterMs: 2_000 }),
      rateLimitedWithoutHint: plain('rateLimitedWithoutHint'),
      holdBack: plain('holdBack'),
      silence: plain('silence'),
      serverError: plain('serverError'),
      overloaded: plain('overloaded'),
      rejected: plain('rejected'),
      unreadable: plain('unreadable'),
      resetBeforeAnswer: plain('resetBeforeAnswer'),
      resetInAnswer: plain('resetInAnswer'),
      truncated: plain('truncated'),
      noUsage: plain('noUsage'),
    },
    close: () => server.stop(),
  };
}
