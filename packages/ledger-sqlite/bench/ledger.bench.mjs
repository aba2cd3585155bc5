// Ratios of the ledger against raw SQLite statements, paired in the same run, median of the pairs. Absolute numbers follow
// the disk and its neighbours; the ratios do not.
//   node bench/ledger.bench.mjs [pairs]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sqliteLedger } from '../dist/index.js';
import { budgets, holdRequest, runCalls, settlement } from './calls.mjs';
import { rawHold, rawLedger, rawRate, rawSettle, rawTotals } from './raw.mjs';

const pairs = Number(process.argv[2] ?? 7);
const folder = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), 'vibe-bench-'));
const host = { now: Date.now, random: Math.random, warn: (warning) => console.error(warning) };
const openLedger = (name) => sqliteLedger({ path: join(folder, `${name}.db`), timezone: 'UTC' }).create(host);
const median = (values) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];
const rateOf = async (count, concurrency, call) => {
  const startedAt = performance.now();
  await runCalls(count, concurrency, call);
  return (count / (performance.now() - startedAt)) * 1000;
};

/** CPU time of the main thread in µs. */
const mainCpu = () => {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return Number.NaN;
  }
};

const ledger1 = openLedger('one-budget');
const ledger3 = openLedger('three-budgets');
const raw1 = await rawLedger(join(folder, 'raw1.db'), 1);
const raw3 = await rawLedger(join(folder, 'raw3.db'), 3);
const one = budgets(1);
const three = budgets(3);

const hold = (callId) => ledger1.hold(holdRequest(callId, one));
const wholeCall = async (callId) => {
  await ledger3.hold(holdRequest(callId, three));
  await ledger3.settle(callId, settlement(callId));
};
const emptyCall = async (callId) => {
  await Promise.resolve(holdRequest(callId, three));
  await Promise.resolve(settlement(callId));
};
const cpuOf = async (call) => {
  const before = mainCpu();
  await runCalls(20_000, 200, call);
  return (mainCpu() - before) / 20_000;
};
const rawHoldOnly = (raw, callId) => {
  rawHold(raw, callId);
  rawTotals(raw, 0, 10_000_000);
};

// Holds alone are left open: settle them away between the pairs, so that tables stay as in real use.
const release = async (ledger, ids) => Promise.all(ids.map((callId) => ledger.settle(callId, settlement(callId))));

const results = {
  singles: [],
  oneRow: [],
  batched: [],
  scaling: [],
  cpu: [],
  holds1: [],
  holds1000: [],
  calls1000: [],
};
await runCalls(3000, 100, wholeCall);
for (let pair = 0; pair < pairs; pair++) {
  const ids = [];
  const single = await rateOf(400, 1, (callId) => {
    ids.push(callId);
    return hold(callId);
  });
  const rawSingle = rawRate(raw1, 400, 1, rawHoldOnly);
  const rawOneRow = rawRate(raw1, 400, 1, (raw, callId) => raw.oneRow.run(callId));
  const many = await rateOf(20_000, 1000, (callId) => {
    ids.push(callId);
    return hold(callId);
  });
  await release(ledger1, ids);

  const batched = await rateOf(20_000, 1000, wholeCall);
  const held = [];
  // 500 holds, then 500 settlements per transaction: what 1000 concurrent calls look like to the file.
  const rawCalls =
    1 /
    (1 /
      rawRate(raw3, 10_000, 500, (raw, callId) => {
        rawHold(raw, callId);
        if (held.push(callId) % 500 === 0) rawTotals(raw, 0, 5_000_000_000);
      }) +
      1 /
        rawRate(raw3, 10_000, 500, (raw) => {
          rawSettle(raw, held.pop());
          if (held.length % 500 === 0) rawTotals(raw, 1_750_000_000, -5_000_000_000);
        }));

  results.singles.push(single / rawSingle);
  results.oneRow.push(single / rawOneRow);
  results.batched.push(batched / rawCalls);
  results.scaling.push(many / single);
  results.holds1.push(single);
  results.holds1000.push(many);
  results.calls1000.push(batched);

  // What the caller does to make a request and a settlement is not the ledger's.
  const withLedger = await cpuOf(wholeCall);
  const withoutLedger = await cpuOf(emptyCall);
  results.cpu.push(withLedger - withoutLedger);
}

/** p99 of the event-loop delay in ms while `work` runs. */
const delayDuring = async (work) => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
};
const idle = await delayDuring(() => new Promise((resolve) => setTimeout(resolve, 500)));
const busy = [];
const synchronous = [];
for (let pair = 0; pair < Math.min(pairs, 5); pair++) {
  busy.push(await delayDuring(() => runCalls(20_000, 1000, wholeCall)));
  synchronous.push(
    await delayDuring(() =>
      runCalls(3_000, 1000, async (callId) => {
        rawRate(raw3, 1, 1, () => rawHold(raw3, callId));
        await new Promise(setImmediate);
        rawRate(raw3, 1, 1, () => rawSettle(raw3, callId));
        await new Promise(setImmediate);
      }),
    ),
  );
}
const added = median(busy) - idle;
const addedSynchronous = median(synchronous) - idle;

const rows = [
  [
    'strict hold c=1 / raw durable transaction of the same rows',
    median(results.singles),
    '≥ 0.6',
    median(results.singles) >= 0.6,
  ],
  ['strict hold c=1 / raw durable transaction of one row', median(results.oneRow), '(info)', true],
  [
    'strict hold+settle, 3 budgets, c=1000 / raw 500 per transaction',
    median(results.batched),
    '≥ 0.7',
    median(results.batched) >= 0.7,
  ],
  ['strict holds/s c=1000 / c=1', median(results.scaling), '≥ 20', median(results.scaling) >= 20],
  ['main-thread CPU per hold+settle, c=200, µs', median(results.cpu), '≤ 4', median(results.cpu) <= 4],
  ['event-loop delay p99 added by 1000 concurrent strict calls, ms', added, '≤ 10', added <= 10],
  [
    'the same / synchronous writes on the main thread',
    added / addedSynchronous,
    '≤ 0.1',
    added <= addedSynchronous / 10,
  ],
];
console.log(`\n| what | measured | must reach | |\n|---|---|---|---|`);
for (const [what, value, target, ok] of rows)
  console.log(`| ${what} | ${value.toFixed(2)} | ${target} | ${ok ? 'ok' : 'MISSED'} |`);
console.log(
  `\nholds/s c=1 ${median(results.holds1).toFixed(0)}, c=1000 ${median(results.holds1000).toFixed(0)}; hold+settle/s c=1000 ${median(results.calls1000).toFixed(0)}; event-loop delay p99 idle ${idle.toFixed(1)} ms, synchronous ${median(synchronous).toFixed(0)} ms`,
);
await Promise.all([ledger1.close(), ledger3.close()]);
raw1.db.close();
raw3.db.close();
rmSync(folder, { recursive: true });
