import { memoryLimiter } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { type LimiterMutant, limiterMutants } from '../../test/limiter-mutants.js';
import { failuresOf } from '../../test/memory-runner.js';
import { limiterContract } from './limiter-contract.js';

/** Mutants may wait for what never comes: their tests get a moment, not a minute. */
const mutantMs = 150;

const failures = (create: LimiterMutant['create'], maxTestMs?: number) =>
  failuresOf(
    (runner) => limiterContract(runner, { name: 'the subject', create: async (environment) => create(environment) }),
    maxTestMs,
  );

describe('the limiter contract', () => {
  it('is kept by a correct limiter', async () => {
    expect(await failures(({ now }) => memoryLimiter(now))).toEqual([]);
  });

  it.each(Object.entries(limiterMutants))('catches a limiter that %s', async (_, { create, caughtBy }) => {
    expect((await failures(create, mutantMs)).map(({ name }) => name)).toContain(caughtBy);
  });
});
