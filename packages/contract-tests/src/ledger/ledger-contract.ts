import type { BudgetMode } from '@vibe/core';
import type { TestRunner } from '../runner.js';
import { administration, health } from './administration.js';
import { admission } from './admission.js';
import { LedgerBench, type LedgerTheme } from './bench.js';
import { blockedCalls } from './blocked-calls.js';
import { idempotency } from './idempotency.js';
import { durability, expiry, lifetime } from './lifetime.js';
import { reportLines } from './report-lines.js';
import { reports } from './reports.js';
import { scopes } from './scopes.js';
import { settlement } from './settlement.js';
import type { LedgerContractOptions } from './subject.js';
import { targets } from './targets.js';
import { transactions } from './transactions.js';
import { warnings } from './warnings.js';
import { windows } from './windows.js';

/** Whoever admits must do it the same way in both modes: in one process nothing distinguishes them. */
const inBothModes = { admission, transactions, settlement, targets, idempotency };
const inStrictMode = { windows, scopes, warnings, reports, reportLines, lifetime };

/**
 * Registers the tests that every ledger must pass. Await it at the top level of a test file: a ledger is opened once to
 * see which optional parts it has (`block`, `admin`, `health`, `reopen`), and those it has are tested too.
 */
export async function ledgerContract(runner: TestRunner, options: LedgerContractOptions): Promise<void> {
  const optional = await optionalThemes(options);
  const register = (name: string, theme: LedgerTheme, mode: BudgetMode) =>
    runner.describe(name, () => {
      for (const [sentence, test] of Object.entries(theme))
        runner.it(sentence, async () => {
          const bench = await LedgerBench.open(options, mode);
          try {
            await test(bench);
          } finally {
            await bench.close();
          }
        });
    });
  runner.describe(`ledger contract: ${options.name}`, () => {
    for (const [name, theme] of Object.entries(inBothModes))
      for (const mode of ['strict_budget', 'best_effort'] as const) register(`${name} (${mode})`, theme, mode);
    for (const [name, theme] of Object.entries({ ...inStrictMode, ...optional.strict }))
      register(name, theme, 'strict_budget');
    for (const [name, theme] of Object.entries(optional.both))
      for (const mode of ['strict_budget', 'best_effort'] as const) register(`${name} (${mode})`, theme, mode);
  });
}

/** Themes for what this ledger has beyond the required methods. */
async function optionalThemes(options: LedgerContractOptions) {
  const bench = await LedgerBench.open(options);
  try {
    const { block, admin, health: healthPart } = bench.ledger;
    return {
      strict: {
        ...(block === undefined ? {} : { blockedCalls }),
        ...(admin === undefined ? {} : { administration }),
        ...(healthPart === undefined ? {} : { health }),
        ...(bench.canReopen ? { durability } : {}),
      },
      both: bench.canReopen ? { expiry } : {},
    };
  } finally {
    await bench.close();
  }
}
