import { describe, expect, it } from 'vitest';
import { failuresOf } from '../../test/memory-runner.js';
import { inBatches, providerMutants } from '../../test/provider-mutants/index.js';
import { toySubject } from '../../test/toy-subject.js';
import { providerContract } from './provider-contract.js';
import type { ProviderContractOptions } from './subject.js';

const failures = (options: Omit<ProviderContractOptions, 'name'>) =>
  failuresOf((runner) => providerContract(runner, { name: 'the subject', ...options }));

describe('the provider contract', () => {
  it('is kept by a correct provider', async () => {
    expect(await failures({ setup: () => toySubject() })).toEqual([]);
  });

  it('is kept by a correct provider that gives its events in batches', async () => {
    expect(await failures({ setup: () => toySubject(inBatches) })).toEqual([]);
  });

  it.each(Object.entries(providerMutants))('catches a provider that %s', async (_, { mutate, caughtBy }) => {
    const failed = await failures({ setup: () => toySubject(mutate), patienceMs: 250 });
    expect(failed.map(({ theme }) => theme)).toContain(caughtBy);
  });

  it('names a situation that the manifest asks for and nobody offers', async () => {
    const setup = async () => {
      const subject = await toySubject();
      const { holdBack: _, reasoning: __, cachedInput: ___, ...situations } = subject.situations;
      return { ...subject, situations };
    };
    const failed = await failures({ setup });
    expect(failed.map(({ theme, name }) => [theme, name.split(':')[0]])).toEqual([
      ['situations', 'offers "holdBack"'],
      ['situations', 'offers "reasoning"'],
    ]);
    expect(failed[0]?.why).toContain('"holdBack"');
  });

  it('asks for nothing that the manifest does not declare', async () => {
    const setup = async () => {
      const subject = await toySubject((provider) => ({
        ...provider,
        models: provider.models
          .filter(({ streams }) => streams === false)
          .map((model) => ({ ...model, tools: false, structured: false, reasoning: false })),
      }));
      const {
        holdBack: _,
        truncated: __,
        resetInAnswer: ___,
        toolCall: ____,
        structured: _____,
        ...rest
      } = subject.situations;
      const { reasoning: ______, ...situations } = rest;
      return { ...subject, situations };
    };
    expect(await failures({ setup })).toEqual([]);
  });
});
