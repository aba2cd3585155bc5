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

/** What `count` calls leave behind, after as many as `warmCount` to warm up. */
export async function growth(contender, { count, warmCount, concurrency }) {
  const act = async (call) => void (await contender.call(call));
  await inParallel(warmCount, concurrency, act);
  const before = await inUse();
  await inParallel(count, concurrency, act);
  const after = await inUse();
  return { before, after, heapBytes: after.heap - before.heap, externalBytes: after.external - before.external };
}
