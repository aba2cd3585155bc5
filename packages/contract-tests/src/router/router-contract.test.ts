import { defaultRouter } from '@vibe/core';
import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../test/memory-runner.js';
import { type RouterMutant, routerMutants } from '../../test/router-mutants.js';
import { routerContract } from './router-contract.js';

const failures = (create: RouterMutant['create']) =>
  failuresOf((runner) => routerContract(runner, { name: 'the subject', create }));

describe('the router contract', () => {
  it('is kept by a correct router', async () => {
    expect(await failures(defaultRouter)).toEqual([]);
  });

  it.each(Object.entries(routerMutants))('catches a router that %s', async (_, { create, caughtBy }) => {
    expect((await failures(create)).map(({ name }) => name)).toContain(caughtBy);
  });
});
