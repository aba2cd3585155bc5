import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runTogether } from '../../test/children.js';
import { temporaryFolder } from '../../test/fixture.js';

const program = fileURLToPath(new URL('../../test/rate-worker.mjs', import.meta.url));
/** Real time, so a short window: a burst is counted exactly as a minute is. */
const windowMs = 500;
/** Longer for a long run: VIBE_RATE_MS=20000. */
const durationMs = Number(process.env['VIBE_RATE_MS'] ?? 2_000);

interface Report {
  /** When each permit reached its caller, epoch milliseconds. */
  readonly permits: readonly number[];
  readonly warnings: readonly unknown[];
}

async function run(processes: number, pattern: string, perWindow: number) {
  const path = join(temporaryFolder(), 'ledger.db');
  const reports = await runTogether<Report>(program, processes, [path, pattern, perWindow, windowMs, durationMs]);
  const permits = reports.flatMap((report) => report.permits).toSorted((first, second) => first - second);
  return { permits, reports };
}

/** The most within any stretch of a window, wherever it begins. */
function mostInAWindow(permits: readonly number[]): number {
  let most = 0;
  let oldest = 0;
  for (const [index, atMs] of permits.entries()) {
    while ((permits[oldest] ?? atMs) <= atMs - windowMs) oldest++;
    most = Math.max(most, index - oldest + 1);
  }
  return most;
}

describe.each([1, 4])('%i processes on one file', (processes) => {
  it.each([
    ['that ask again and again', 'hammer'],
    ['with random arrivals at three times the limit', 'poisson'],
    ['with bursts on both sides of every window of the clock', 'edge'],
    ['whose callers all wait for their turn', 'wait'],
  ])('%s never put more than the limit into any true window', async (_, pattern) => {
    for (const perWindow of pattern === 'poisson' ? [200] : [20, 400]) {
      const { permits, reports } = await run(processes, pattern, perWindow);
      expect(mostInAWindow(permits)).toBeLessThanOrEqual(perWindow);
      // And they do get what there is.
      expect(permits.length).toBeGreaterThanOrEqual(2 * perWindow);
      expect(reports.flatMap(({ warnings }) => warnings)).toEqual([]);
    }
  });
});
