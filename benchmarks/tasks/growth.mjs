import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel } from './throughput.mjs';

/** Bytes that are in use after garbage collection: in the heap, and in buffers outside of it. Needs --expose-gc. */
export async function inUse() {
  for (let turn = 0; turn < 4; turn++) {
    await sleep(50);
    globalThis.gc();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, rss };
}

/**
 * What `count` calls leave behind, after as many to warm up: at once, and `restMs` later, when a limiter may forget them.
 * A few calls after each rest let it.
 */
export async function growth(contender, { count, concurrency, restMs }) {
  const act = async (call) => void (await contender.call(call));
  const rest = async () => {
    await sleep(restMs);
    await inParallel(concurrency, 1, act);
    return inUse();
  };
  await inParallel(count, concurrency, act);
  const before = await rest();
  await inParallel(count, concurrency, act);
  const atOnce = await inUse();
  return { before, atOnce, after: await rest() };
}
