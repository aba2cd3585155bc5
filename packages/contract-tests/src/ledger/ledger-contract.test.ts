import { describe, expect, it } from 'vitest';
import { durableMemoryLedger } from '../../test/durable-memory-ledger.js';
import { ledgerMutants } from '../../test/ledger-mutants/index.js';
import { failuresOf } from '../../test/memory-runner.js';
import { ledgerContract } from './ledger-contract.js';
import type { LedgerEnvironment, LedgerSubject } from './subject.js';

const failures = (create: (environment: LedgerEnvironment) => LedgerSubject) =>
  failuresOf((runner) =>
    ledgerContract(runner, { name: 'the subject', create: async (environment) => create(environment) }),
  );

describe('the ledger contract', () => {
  it('is kept by a correct ledger that outlives its process', async () => {
    expect(await failures(durableMemoryLedger)).toEqual([]);
  });

  it.each(Object.entries(ledgerMutants))('catches a ledger that %s', async (_, { create, caughtBy }) => {
    const failed = await failures(create);
    expect(failed.map(({ theme }) => theme.replace(/ \(.*/, ''))).toContain(caughtBy);
  });
});
