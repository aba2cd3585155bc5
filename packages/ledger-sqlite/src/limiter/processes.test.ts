import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runTogether, startChild } from '../../test/children.js';
import { builtIndex, leaseClock, look, target, temporaryFolder } from '../../test/fixture.js';
import { openStore } from '../../test/limiter-store.js';

const program = fileURLToPath(new URL('../../test/rate-worker.mjs', import.meta.url));
const holder = fileURLToPath(new URL('../../test/rate-holder.mjs', import.meta.url));
/** Real time, so a short window: a burst is counted exactly as a minute is. */
const windowMs = 500;
/** Longer for a long run: VIBE_RATE_MS=20000. */
const durationMs = Number(process.env['VIBE_RATE_MS'] ?? 2_000);

interface Report {
  /** When each permit reached its caller, epoch milliseconds. */
  readonly permits: readonly number[];
  readonly warnings: readonly unknown[];
  /** The longest that an answer took, and that the program stood still. */
  readonly slowestMs: number;
  readonly stalledMs: number;
}

/**
 * A machine that lets a process stand still for half a window may let its requests leave too late, whoever counts. Then
 * the run says nothing, and is repeated.
 */
const maxRuns = 5;

async function run(processes: number, pattern: string, perWindow: number) {
  const path = join(temporaryFolder(), 'ledger.db');
  const reports = await runTogether<Report>(program, processes, [path, pattern, perWindow, windowMs, durationMs]);
  const permits = reports.flatMap((report) => report.permits).toSorted((first, second) => first - second);
  return { permits, reports };
}

function wasPaused(reports: readonly Report[]): boolean {
  return reports.some(({ slowestMs, stalledMs }) => slowestMs + stalledMs > windowMs / 2);
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
      let { permits, reports } = await run(processes, pattern, perWindow);
      for (let runs = 1; runs < maxRuns && mostInAWindow(permits) > perWindow && wasPaused(reports); runs++)
        ({ permits, reports } = await run(processes, pattern, perWindow));
      expect(mostInAWindow(permits)).toBeLessThanOrEqual(perWindow);
      // And they do get what there is.
      expect(permits.length).toBeGreaterThanOrEqual(2 * perWindow);
      expect(reports.flatMap(({ warnings }) => warnings)).toEqual([]);
    }
  });
});

describe('a process that is killed', () => {
  it.each([
    ['', 0],
    [', also after the clock was set back', -86_400_000],
  ])('gives back its slot and its place in line when its lease is over%s', async (_, setByMs) => {
    const clock = leaseClock();
    const store = openStore({ seams: { clockAheadMs: clock.clockAheadMs } });
    const child = startChild(holder, [store.path]);
    await child.said('waits');
    child.process.kill('SIGKILL');
    await child.ended;
    clock.advance(setByMs);
    const limits = { concurrency: 1 };
    expect(await store.outcome(limits)).toBe('slots');
    expect(await store.limiter.peek(target)).toMatchObject({ inFlight: 1, waiting: 1 });
    clock.advance(16_000);
    expect(await store.outcome(limits)).toBe('admitted');
    expect(await store.limiter.peek(target)).toMatchObject({ inFlight: 1, waiting: 0 });
  });
});

describe('a process that stands still for longer than its lease', () => {
  it.each([16_000, 70_000])('has its requests in flight all the same, after %i ms', async (standstillMs) => {
    const clock = leaseClock();
    const seams = { clockAheadMs: clock.clockAheadMs };
    const sleeper = openStore({ seams });
    const other = openStore({ path: sleeper.path, seams });
    const limits = { concurrency: 3 };
    const permits = [await sleeper.take(limits), await sleeper.take(limits)];
    // Everything that it has to say is said.
    await new Promise(setImmediate);
    await sleeper.limiter.peek(target);
    clock.advance(standstillMs);
    // The other one takes it for dead.
    const outcomes = [];
    for (let call = 0; call < 4; call++) outcomes.push(await other.outcome(limits));
    expect(outcomes).toEqual(['admitted', 'admitted', 'admitted', 'slots']);
    expect(await sleeper.outcome(limits)).toBe('slots');
    expect(await sleeper.limiter.peek(target)).toMatchObject({ inFlight: 5 });
    for (const permit of permits) permit.release({ dispatched: true });
    expect(await sleeper.outcome(limits)).toBe('slots');
    expect(await other.limiter.peek(target)).toMatchObject({ inFlight: 3 });
  });
});

describe('a short script', () => {
  function run(body: string) {
    const folder = temporaryFolder();
    const path = join(folder, 'ledger.db');
    const script = `
      import { sqliteLedger } from ${JSON.stringify(builtIndex)};
      const host = { now: Date.now, random: Math.random, warn: console.error };
      const [ledger, limiter] = sqliteLedger({ path: ${JSON.stringify(path)} }).create(host);
      const target = ${JSON.stringify(target)};
      const acquire = (limits, maxWaitMs = 0) => {
        const { signal } = new AbortController();
        return limiter.acquire(target, { requests: 1, tokens: 5 }, { limits, maxWaitMs, signal });
      };
      ${body}`;
    writeFileSync(join(folder, 'script.mjs'), script);
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'script.mjs')], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { path, status, stdout, stderr };
  }

  it('without close() ends by itself, with everything written', () => {
    const { path, ...result } = run(`
      const permit = await acquire({ concurrency: 1 });
      permit.correct(7);
      permit.release({ dispatched: true });
      console.log('answer');`);
    expect(result).toEqual({ status: 0, stdout: 'answer\n', stderr: '' });
    look(path, (db) => {
      expect(db.prepare('SELECT tokens FROM rate_entry ORDER BY rev DESC').pluck().get()).toBe(7);
      expect(db.prepare('SELECT count(*) FROM rate_slot').pluck().get()).toBe(0);
    });
  });

  it('is kept alive by a call that waits, and by nothing else', () => {
    const result = run(`
      const limits = { burst: { windowMs: 300, requests: 1 } };
      await acquire(limits);
      await acquire(limits, 10_000);
      console.log('its turn came');
      limiter.learn(target, { retryAfterMs: 60_000, scope: 'minute' });`);
    expect(result).toMatchObject({ status: 0, stdout: 'its turn came\n', stderr: '' });
  });

  it('may close limiter and ledger in any order, with requests in flight', () => {
    for (const order of ['limiter.close(); await ledger.close()', 'ledger.close(); await limiter.close()']) {
      const result = run(
        `const permit = await acquire({ rpm: 5 }); await ${order}; permit.correct(1); permit.release(); console.log('done');`,
      );
      expect(result).toMatchObject({ status: 0, stdout: 'done\n', stderr: '' });
    }
  });
});
