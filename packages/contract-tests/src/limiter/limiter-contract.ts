import type { TestRunner } from '../runner.js';
import { LimiterBench, type LimiterContractOptions, type LimiterTheme } from './bench.js';
import { learning } from './learning.js';
import { lineBound } from './line-bound.js';
import { passingWaits } from './passing-waits.js';
import { permits } from './permits.js';
import { sharing } from './sharing.js';
import { waiting } from './waiting.js';
import { windows } from './windows.js';

/** Registers the tests that every limiter must pass. */
export async function limiterContract(runner: TestRunner, options: LimiterContractOptions): Promise<void> {
  const themes: Record<string, LimiterTheme> = { windows, permits, waiting, learning };
  if (await isShared(options)) themes['sharing'] = sharing;
  if (options.maxWaiting !== undefined) themes['the line'] = lineBound(options.maxWaiting);
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

/** A look at one subject, because tests are registered before any of them runs. */
async function isShared(options: LimiterContractOptions): Promise<boolean> {
  const subject = await options.create({ now: Date.now, runs: true, onMove: () => undefined });
  await subject.close?.();
  return subject.another !== undefined;
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
