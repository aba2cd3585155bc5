import { monitorEventLoopDelay } from 'node:perf_hooks';
import { inUse } from './growth.mjs';

/** Calls that start at a steady rate, whether or not earlier ones are done, after `warmMs` of the same. Needs --expose-gc. */
export async function load(contender, { perSecond, ms, warmMs }) {
  const failures = [];
  const act = async (call) => {
    try {
      await contender.call(call);
    } catch (error) {
      failures.push(`${error.code ?? error.name}: ${error.message}`);
    }
  };
  await steadily(perSecond, warmMs, act);
  const before = await inUse();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const calls = await steadily(perSecond, ms, act);
  delay.disable();
  const after = await inUse();
  return {
    calls,
    failures: failures.length,
    firstFailure: failures[0] ?? null,
    delayP50Ms: delay.percentile(50) / 1e6,
    delayP99Ms: delay.percentile(99) / 1e6,
    delayMaxMs: delay.max / 1e6,
    before,
    after,
  };
}

/** Resolves with the number of calls when all of them are done. */
async function steadily(perSecond, ms, act) {
  const running = new Set();
  const startedAt = performance.now();
  let started = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const sinceMs = Math.min(ms, performance.now() - startedAt);
      while (started < (sinceMs * perSecond) / 1000) {
        const done = act(started++).finally(() => running.delete(done));
        running.add(done);
      }
      if (sinceMs < ms) return;
      clearInterval(timer);
      resolve();
    }, 2);
  });
  await Promise.all(running);
  return started;
}

/** The event-loop delay of a process that does nothing: what the machine itself adds. */
export async function idle(_contender, { ms, warmMs }) {
  await new Promise((resolve) => setTimeout(resolve, warmMs));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, ms));
  delay.disable();
  return delay.percentile(99) / 1e6;
}
