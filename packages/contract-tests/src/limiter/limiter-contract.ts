import type { TestRunner } from '../runner.js';
import { LimiterBench, type LimiterContractOptions } from './bench.js';
import { learning } from './learning.js';
import { permits } from './permits.js';
import { passingWaits, waiting } from './waiting.js';
import { windows } from './windows.js';

const themes = { windows, permits, waiting, learning };

/** Registers the tests that every limiter must pass. */
export function limiterContract(runner: TestRunner, options: LimiterContractOptions): void {
  runner.describe(`limiter contract: ${options.name}`, () => {
    for (const [name, theme] of Object.entries(themes))
      runner.describe(name, () => {
        for (const [sentence, test] of Object.entries(theme))
          runner.it(sentence, async () => closing(await LimiterBench.open(options), test));
      });
    runner.describe('passing waits', () => {
      for (const [sentence, test] of Object.entries(passingWaits))
        runner.it(sentence, async () => closing(await LimiterBench.openRunning(options), test));
    });
  });
}

async function closing<Bench extends { close(): Promise<void> }>(
  bench: Bench,
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  try {
    await test(bench);
  } finally {
    await bench.close();
  }
}
