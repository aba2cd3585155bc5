import { memoryLimiter } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { limiterMutants } from '../../test/limiter-mutants/index.js';
import { type LimiterMutant, maxWaiting } from '../../test/limiter-mutants/mutant.js';
import { failuresOf } from '../../test/memory-runner.js';
import { sharedSubject } from '../../test/shared-limiter.js';
import { limiterContract } from './limiter-contract.js';

/** Mutants may wait for what never comes: their tests get a moment, not a minute. */
const mutantMs = 150;
const passingMs = 20;

const failures = (create: LimiterMutant['create'], maxTestMs?: number) =>
  failuresOf(
    (runner) =>
      limiterContract(runner, {
        name: 'the subject',
        maxWaiting,
        passingMs,
        create: async (environment) => create(environment),
      }),
    maxTestMs,
  );

describe('the limiter contract', () => {
  it('is kept by a correct limiter', async () => {
    expect(await failures(({ now }) => ({ limiter: memoryLimiter(now, { maxWaiting }) }))).toEqual([]);
  });

  it('is kept by correct limiters on one store', async () => {
    expect(await failures(({ now }) => sharedSubject(memoryLimiter(now, { maxWaiting })))).toEqual([]);
  });

  it.each(Object.entries(limiterMutants))('catches a limiter that %s', async (_, { create, caughtBy }) => {
    expect((await failures(create, mutantMs)).map(({ name }) => name)).toContain(caughtBy);
  });
});
