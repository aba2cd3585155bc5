import { readFileSync } from 'node:fs';
import { budgets, holdRequest, runCalls, settlement } from './calls.mjs';
import { inFolder, median, openLedger, row } from './open.mjs';
import { rawHold, rawLedger, rawRate, rawSettle, rawTotals } from './raw.mjs';

const one = budgets(1);
const three = budgets(3);

/** Holds and whole calls against raw statements, paired, and what a call costs the main thread. */
export const throughput = (pairs) =>
  inFolder(async (path) => {
    const ledger1 = openLedger(path('one-budget'));
    const ledger3 = openLedger(path('three-budgets'));
    const raw1 = await rawLedger(path('raw1'), 1);
    const raw3 = await rawLedger(path('raw3'), 3);
    const wholeCall = wholeCallOf(ledger3);
    const results = { single: [], many: [], calls: [], singleRatio: [], callsRatio: [], scaling: [], cpu: [] };
    await runCalls(3_000, 100, wholeCall);
    for (let pair = 0; pair < pairs; pair++) {
      const { single, many } = await holdRates(ledger1);
      const rawSingle = rawRate(raw1, 400, 1, (raw, callId) => {
        rawHold(raw, callId);
        rawTotals(raw, 0, 10_000_000);
      });
      const calls = await rateOf(20_000, 1000, wholeCall);
      const rawCalls = rawCallRate(raw3);
      // What the caller does to make a request and a settlement is not the ledger's.
      const cpu = (await cpuOf(wholeCall)) - (await cpuOf(emptyCall));
      for (const [name, value] of Object.entries({
        single,
        many,
        calls,
        cpu,
        singleRatio: single / rawSingle,
        callsRatio: calls / rawCalls,
        scaling: many / single,
      }))
        results[name].push(value);
    }
    await Promise.all([ledger1.close(), ledger3.close()]);
    raw1.db.close();
    raw3.db.close();
    const perSecond = (values) => median(values).toFixed(0);
    console.log(
      `holds/s c=1 ${perSecond(results.single)}, c=1000 ${perSecond(results.many)}; hold+settle/s c=1000 ${perSecond(results.calls)}`,
    );
    return [
      row('strict hold c=1 / raw durable transaction of the same row', median(results.singleRatio), { atLeast: 0.6 }),
      row('strict hold+settle, 3 budgets, c=1000 / raw, 500 per transaction', median(results.callsRatio), {
        atLeast: 0.7,
      }),
      row('strict holds/s, c=1000 / c=1', median(results.scaling), { atLeast: 20 }),
      row('main-thread CPU per hold+settle, c=200', median(results.cpu), { atMost: 4, unit: ' µs' }),
    ];
  });

export const wholeCallOf = (ledger) => async (callId) => {
  await ledger.hold(holdRequest(callId, three));
  await ledger.settle(callId, settlement(callId));
};

const emptyCall = async (callId) => {
  await Promise.resolve(holdRequest(callId, three));
  await Promise.resolve(settlement(callId));
};

/** Holds per second of one caller and of 1000. */
async function holdRates(ledger) {
  const ids = [];
  const hold = (callId) => {
    ids.push(callId);
    return ledger.hold(holdRequest(callId, one));
  };
  const single = await rateOf(400, 1, hold);
  const many = await rateOf(20_000, 1000, hold);
  // Settled away, so that tables stay as in real use.
  await Promise.all(ids.map((callId) => ledger.settle(callId, settlement(callId))));
  return { single, many };
}

/** 500 holds, then 500 settlements per transaction: what 1000 concurrent calls look like to the file. */
function rawCallRate(raw3) {
  const held = [];
  const holds = rawRate(raw3, 10_000, 500, (raw, callId) => {
    rawHold(raw, callId);
    if (held.push(callId) % 500 === 0) rawTotals(raw, 0, 5_000_000_000);
  });
  const settlements = rawRate(raw3, 10_000, 500, (raw) => {
    rawSettle(raw, held.pop());
    if (held.length % 500 === 0) rawTotals(raw, 1_750_000_000, -5_000_000_000);
  });
  return 1 / (1 / holds + 1 / settlements);
}

async function rateOf(count, concurrency, call) {
  const startedAt = performance.now();
  await runCalls(count, concurrency, call);
  return (count / (performance.now() - startedAt)) * 1000;
}

/** CPU time of the main thread per call in µs; NaN where the system does not tell. */
async function cpuOf(call) {
  const before = mainCpu();
  await runCalls(20_000, 200, call);
  return (mainCpu() - before) / 20_000;
}

function mainCpu() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return Number.NaN;
  }
}
