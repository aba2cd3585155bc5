import { limiterContract } from '@vibe/contract-tests';
import { describe, it } from 'vitest';
import { limiterSubject } from '../../test/limiter-subject.js';

await limiterContract(
  { describe, it },
  { name: '@vibe/ledger-sqlite', maxWaiting: 20, create: async (environment) => limiterSubject(environment) },
);
