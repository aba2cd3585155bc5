// Prints what a call allocates, and how many promises it makes: node benchmarks/allocations.mjs [vibe] [--top 30]

import { mkdtempSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { promiseHooks } from 'node:v8';
import { contenders } from './contenders/index.mjs';
import { nameOf, packageOf, Sums, walk } from './lib/callers.mjs';
import { startServer } from './lib/processes.mjs';
import { inParallel } from './tasks/throughput.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: 'string', default: '30' } },
});
const [name = 'vibe'] = positionals;
const count = 4_000;

const server = await startServer();
const folder = mkdtempSync(join(tmpdir(), 'vibe-bench-'));
const contender = await (await contenders[name].load())({ baseUrl: server.url(), folder });
const calls = (number, concurrency) => inParallel(number, concurrency, (call) => contender.call(call));
await calls(2 * count, 64);

let promises = 0;
const stop = promiseHooks.onInit(() => promises++);
await calls(count / 4, 1);
stop();

const session = new Session();
session.connect();
await session.post('HeapProfiler.startSampling', {
  samplingInterval: 4096,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
});
await calls(count, 64);
const { profile } = await session.post('HeapProfiler.stopSampling');

const charged = new Sums();
let bytes = 0;
walk(
  profile.head,
  ({ children }) => children,
  ({ callFrame, selfSize }, nearest) => {
    bytes += selfSize;
    charged.add(nearest === null ? packageOf(callFrame) : nameOf(nearest), selfSize);
  },
);
console.log(
  `${name}: ${(bytes / count / 1024).toFixed(1)} KB and ${(promises / (count / 4)).toFixed(0)} promises per call`,
);
console.log('  bytes per call by function, with what it calls in Node and in dependencies');
for (const [key, size] of charged.largest(Number(values.top)))
  console.log(`  ${(size / count).toFixed(0).padStart(7)}  ${key}`);
await contender.close();
rmSync(folder, { recursive: true, force: true });
server.close();
