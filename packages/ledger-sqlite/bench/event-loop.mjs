import { monitorEventLoopDelay } from 'node:perf_hooks';
import { runCalls } from './calls.mjs';
import { inFolder, median, openLedger, row } from './open.mjs';
import { rawHold, rawLedger, rawRate, rawSettle } from './raw.mjs';
import { wholeCallOf } from './throughput.mjs';

/** What 1000 concurrent strict calls do to the timers of the program, against writes on its own thread. */
export const eventLoop = (pairs) =>
  inFolder(async (path) => {
    const ledger = openLedger(path('ledger'));
    const raw = await rawLedger(path('raw'), 3);
    const wholeCall = wholeCallOf(ledger);
    await runCalls(3_000, 100, wholeCall);
    const idle = await delayDuring(() => new Promise((resolve) => setTimeout(resolve, 500)));
    const busy = [];
    const synchronous = [];
    for (let pair = 0; pair < pairs; pair++) {
      busy.push(await delayDuring(() => runCalls(20_000, 1000, wholeCall)));
      synchronous.push(await delayDuring(() => runCalls(3_000, 1000, (callId) => synchronousCall(raw, callId))));
    }
    await ledger.close();
    raw.db.close();
    const added = median(busy) - idle;
    return [
      row('event-loop delay p99 added by 1000 concurrent strict calls', added, { atMost: 10, unit: ' ms' }),
      row('the same / synchronous writes on the main thread', added / (median(synchronous) - idle), { atMost: 0.1 }),
    ];
  });

async function synchronousCall(raw, callId) {
  rawRate(raw, 1, 1, () => rawHold(raw, callId));
  await new Promise(setImmediate);
  rawRate(raw, 1, 1, () => rawSettle(raw, callId));
  await new Promise(setImmediate);
}

/** p99 of the event-loop delay in ms while `work` runs. */
async function delayDuring(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}
